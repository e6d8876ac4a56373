"""The words that names are made of: how usual each is, and which are one typing error away from what was typed.

They are learnt by upkeep soon after they were written, and counted anew now and then; whoever writes a customer does
nothing for it. A word not learnt yet is found all the same, only no typing error in it is forgiven.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import OSA
from sqlalchemy import text

from gateway.commit_order import START, Place, move_place, present_place, take_place
from gateway.db import Query, Transaction

READER = "search"
EVENTS_AT_ONCE = 1000
LEAST_LETTERS = 4
"""In shorter words every other word is but one error away."""
_LAST_LETTER = "\U0010ffff"
_NAMED = "('customer.created', 'customer.updated', 'customer.merged', 'customer.unmerged')"
_MOST_COUNTED = 500

_READ = Query(
    text(
        f"""
        SELECT e.txid::text, e.position, e.type IN {_NAMED}, e.resource_id FROM events e
        WHERE e.txid < pg_snapshot_xmin(pg_current_snapshot())
          AND (e.txid, e.position) > (CAST(CAST(:after_txid AS text) AS xid8), CAST(:after_position AS bigint))
        ORDER BY e.txid, e.position
        LIMIT :limit
        """  # noqa: S608  # our own text
    )
)
_WORD_OF = "split_part(substr(k.key, 3), E'\\t', 1)"
_LEARN = Query(
    text(
        f"""
        INSERT INTO search_words (word, customers)
        SELECT DISTINCT {_WORD_OF}, 1 FROM customer_keys k
        WHERE k.customer_id = ANY(:ids) AND k.key >= 'w ' AND k.key < 'w!' ORDER BY 1
        ON CONFLICT DO NOTHING
        """  # noqa: S608
    )
)
# A count that is right to a tenth is good enough, and most words need no writing then.
_RECOUNT = Query(
    text(
        f"""
        WITH counted AS MATERIALIZED (
            SELECT {_WORD_OF} AS word, count(*) AS customers FROM customer_keys k
            WHERE k.key >= 'w ' AND k.key < 'w!' GROUP BY 1),
        gone AS (DELETE FROM search_words w WHERE NOT EXISTS (SELECT FROM counted c WHERE c.word = w.word))
        INSERT INTO search_words AS w (word, customers) SELECT word, customers FROM counted ORDER BY word
        ON CONFLICT (word) DO UPDATE SET customers = excluded.customers
            WHERE abs(w.customers - excluded.customers) * 10 > w.customers
        """  # noqa: S608
    )
)
_FORGET = Query(
    text(
        """
        DELETE FROM search_words w WHERE w.word = ANY(:words) AND NOT EXISTS (
            SELECT FROM customer_keys k WHERE k.key >= 'w ' || w.word || E'\\t' AND k.key < 'w ' || w.word || E'\\n')
        """
    )
)
_COUNT = Query(
    text(
        """
        SELECT (SELECT coalesce(sum(v.customers), 0) FROM (
            SELECT w.customers FROM search_words w WHERE w.word >= a.word AND w.word < a.word || CAST(:last AS text)
            LIMIT :most) v)
        FROM unnest(CAST(:words AS text[])) WITH ORDINALITY AS a (word, place) ORDER BY a.place
        """
    )
)
# One error leaves either the beginning or the end of a word as it is.
_ALIKE = Query(
    text(
        """
        SELECT a.word, v.word, v.customers
        FROM unnest(CAST(:words AS text[]), CAST(:heads AS text[]), CAST(:tails AS text[])) AS a (word, head, tail)
        CROSS JOIN LATERAL (
            SELECT w.word, w.customers FROM search_words w
            WHERE w.word >= a.head AND w.word < a.head || CAST(:last AS text)
              AND length(w.word) BETWEEN length(a.word) - 1 AND length(a.word) + 1
            UNION
            SELECT w.word, w.customers FROM search_words w
            WHERE w.backwards >= a.tail AND w.backwards < a.tail || CAST(:last AS text)
              AND length(w.word) BETWEEN length(a.word) - 1 AND length(a.word) + 1) v
        """
    )
)


class Alike(NamedTuple):
    """A word that is one typing error away, and about how many customers bear it."""

    word: str
    customers: int


def learn(tx: Transaction) -> int:
    """Learn the words of customers that the next events tell of; answers how many events there were."""
    place = take_place(tx, READER)
    if place == START:  # what was there before is counted, not followed
        move_place(tx, READER, present_place(tx))
        return 0
    rows = tx.rows(_READ, after_txid=place.txid, after_position=place.position, limit=EVENTS_AT_ONCE)
    if rows:
        tx.run(_LEARN, ids=list({row[3] for row in rows if row[2]}))
        move_place(tx, READER, Place(rows[-1][0], rows[-1][1]))
    return len(rows)


def recount(tx: Transaction) -> None:
    """Count every word anew, and forget those that nobody bears any more."""
    tx.run(_RECOUNT)


def forget(tx: Transaction, words: Sequence[str]) -> None:
    """Forget at once those of these folded words that nobody bears any more."""
    tx.run(_FORGET, words=list(words))


def count(tx: Transaction, words: Sequence[str]) -> list[int]:
    """About how many customers bear a word that begins like each of these."""
    return [int(row[0]) for row in tx.rows(_COUNT, words=list(words), last=_LAST_LETTER, most=_MOST_COUNTED)]


def alike(tx: Transaction, words: Sequence[str]) -> dict[str, list[Alike]]:
    """For each of these folded words those that are one letter more, less, other or swapped away, in their order."""
    long = [word for word in words if len(word) >= LEAST_LETTERS]
    found: dict[str, list[Alike]] = {word: [] for word in words}
    heads = [word[: len(word) // 2] for word in long]
    tails = [word[: len(word) // 2 : -1] for word in long]
    for asked, word, customers in tx.rows(_ALIKE, words=long, heads=heads, tails=tails, last=_LAST_LETTER):
        if OSA.distance(asked, word, score_cutoff=1) == 1:
            found[asked].append(Alike(word, customers))
    return {word: sorted(near) for word, near in found.items()}
