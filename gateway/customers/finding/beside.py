"""Names in which the words that were typed stand side by side: a few short ranges, however usual each word is.

A name is kept turned to each of its words, so of a name of three words some turn begins with any two of them. Between
two words stands only how the first one is spelt, and of no word are there many spellings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, permutations, product
from typing import TypeVar

from sqlalchemy import text

from gateway.customers.finding.tiers import Range, Tier, apart, beginning
from gateway.customers.keys import WORD, written_word
from gateway.db import Query, Transaction

Word = TypeVar("Word")
_MOST_TURNED, _MOST_SPELLINGS, _MOST_RANGES = 3, 8, 200
# From one spelling the index is entered anew behind it, so what there is of each is not read.
_SPELLINGS = Query(
    text(
        """
        SELECT a.word, heads.spelling FROM unnest(CAST(:words AS text[])) AS a (word) CROSS JOIN LATERAL (
            WITH RECURSIVE heads (spelling) AS (
                (SELECT split_part(split_part(k.key, E'\\t', 2), ' ', 1) FROM customer_keys k
                 WHERE k.key >= 'w ' || a.word || E'\\t' AND k.key < 'w ' || a.word || E'\\n' ORDER BY k.key LIMIT 1)
                UNION ALL
                SELECT (SELECT split_part(split_part(k.key, E'\\t', 2), ' ', 1) FROM customer_keys k
                        WHERE k.key >= 'w ' || a.word || E'\\t' || h.spelling || '!'
                          AND k.key < 'w ' || a.word || E'\\n' ORDER BY k.key LIMIT 1)
                FROM heads h WHERE h.spelling IS NOT NULL)
            SELECT spelling FROM heads WHERE spelling IS NOT NULL LIMIT :most) heads
        """
    )
)


def as_spelt(words: Sequence[tuple[str, str]]) -> Tier:
    """Names with all the words side by side, each as it was spelt; none where no word has marks."""
    if all(folded == spelling for folded, spelling in words):
        return Tier(())
    written = ["".join(written_word(*each) for each in order) for order in _orders(words)]
    return Tier(apart(beginning(f"{WORD}{each} ") for each in written))


def tier(tx: Transaction, words: Sequence[str], alike: Mapping[str, Sequence[str]] | None = None) -> Tier:
    """Names with all the words side by side, the last one perhaps cut short, or with others that are `alike`."""
    options = {word: [word, *(alike or {}).get(word, ())] for word in words}
    spelt = _spellings(tx, {each for near in options.values() for each in near})
    found = list(islice(_ranges(words, options, spelt), _MOST_RANGES + 1))
    return Tier(apart(found) if len(found) <= _MOST_RANGES else ())


def _ranges(
    words: Sequence[str], options: Mapping[str, Sequence[str]], spelt: Mapping[str, Sequence[str]]
) -> Iterator[Range]:
    for *before, last in _orders(words):
        heads = [[f" {each}\t{one}" for each in options[word] for one in spelt.get(each, ())] for word in before]
        for written in product(*heads):
            head = WORD + "".join(written)
            yield beginning(f"{head} {last}")
            yield from (beginning(f"{head} {near}\t") for near in options[last][1:] if not near.startswith(last))


def _orders(words: Sequence[Word]) -> Iterable[tuple[Word, ...]]:
    return permutations(words) if len(words) <= _MOST_TURNED else [tuple(words)]


def _spellings(tx: Transaction, words: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for word, spelling in tx.rows(_SPELLINGS, words=sorted(words), most=_MOST_SPELLINGS):
        found.setdefault(word, []).append(spelling)
    return found
