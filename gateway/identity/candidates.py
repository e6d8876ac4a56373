"""Whom a record is compared with: those that stand in a block with it, as long as the block is not too large."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.identity.blocks import MOST_IN, MOST_IN_A_BLOCK, most_in
from gateway.identity.profiles import Kept, kept

_IN_BLOCKS = Query(
    text(
        """
        SELECT k.key, b.number FROM unnest(CAST(:keys AS bigint[])) AS k (key)
        CROSS JOIN LATERAL (SELECT number FROM identity_blocks WHERE key = k.key LIMIT :most) AS b
        """
    )
)
_KEPT = Query(text("SELECT customer_id, number, profile, keys FROM identity_profiles WHERE number = ANY(:numbers)"))
_CROWDED = Query(text(f"SELECT key FROM identity_blocks GROUP BY key HAVING count(*) > {MOST_IN}"))  # noqa: S608

Pair = tuple[Kept, Kept]


def partners_of(tx: Transaction, records: Sequence[Kept]) -> Iterator[Pair]:
    """Every pair of one of these records and one that shares a block with it, each once; three queries in all."""
    members = _members(tx, {key for each in records for key in each.profile.keys})
    wanted = [(each, {number for key in each.profile.keys for number in members.get(key, ())}) for each in records]
    known = {each.number: each for each in records}
    known |= _load(tx, {number for _, numbers in wanted for number in numbers} - known.keys())
    seen: set[tuple[int, int]] = set()
    for one, numbers in wanted:
        for two in (known[number] for number in numbers if number in known and number != one.number):
            pair = (min(one.number, two.number), max(one.number, two.number))
            if pair not in seen and one.profile.is_person == two.profile.is_person:
                seen.add(pair)
                yield one, two


def pairs_in(block: Sequence[Kept], key: int, crowded: frozenset[int]) -> Iterator[Pair]:
    """The pairs of a block for which it is the first, by key, of those they share and that are not too large."""
    for place, one in enumerate(block):
        own = set(one.profile.keys) - crowded
        for two in block[place + 1 :]:
            if one.profile.is_person == two.profile.is_person and min(own.intersection(two.profile.keys)) == key:
                yield one, two


def crowded_blocks(tx: Transaction) -> frozenset[int]:
    """The keys of the blocks that are passed over for their size."""
    return frozenset(row[0] for row in tx.rows(_CROWDED))


def _members(tx: Transaction, keys: Iterable[int]) -> dict[int, list[int]]:
    members: dict[int, list[int]] = defaultdict(list)
    for key, number in tx.rows(_IN_BLOCKS, keys=list(keys), most=MOST_IN_A_BLOCK + 1):
        members[key].append(number)
    return {key: numbers for key, numbers in members.items() if len(numbers) <= most_in(key)}


def _load(tx: Transaction, numbers: Iterable[int]) -> dict[int, Kept]:
    return {row[1]: kept(*row) for row in tx.rows(_KEPT, numbers=list(numbers))}
