"""A run over the whole base, in slices that each end with a commit: read every customer, count terms, walk the blocks.

Nothing is held but one slice and what all need: the usual terms and the keys of crowded blocks. A worker that dies
leaves its lease, and the next goes on from the cursor.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.bulk import planned_afresh
from gateway.channels import Caller
from gateway.db import Query, Transaction, now, transaction
from gateway.identity import follow, pairs, profiles, usual, weights
from gateway.identity.blocks import MOST_IN_A_BLOCK
from gateway.identity.candidates import crowded_blocks, pairs_in
from gateway.identity.models import IdentityMatching
from gateway.identity.pairs import Patterns
from gateway.identity.profiles import Kept, kept
from gateway.identity.weighing.model import Model
from gateway.identity.weighing.terms import Terms
from gateway.queue import claim, hold

_CALLER = Caller.system("identity")
_LEASE_SECONDS = 120
_STATEMENT_SECONDS = 300
_READ_AT_ONCE = 2000
_BLOCKS_AT_ONCE = 60_000
"""Rows of blocks a slice walks: some thousand records, some megabytes."""
_FIRST, _LOWEST = UUID(int=0), -(2**63)
_SLICE_END = Query(text("SELECT key FROM identity_blocks WHERE key >= :since ORDER BY key OFFSET :rows LIMIT 1"))
_SLICE = Query(
    text(
        """
        WITH walked AS MATERIALIZED (
            SELECT key, number, count(*) OVER (PARTITION BY key) AS size
            FROM identity_blocks WHERE key >= :since AND (CAST(:until AS bigint) IS NULL OR key < :until)
        )
        SELECT w.key, p.customer_id, p.number, p.profile, p.keys
        FROM walked w JOIN identity_profiles p ON p.number = w.number
        WHERE w.size BETWEEN 2 AND :most
        ORDER BY w.key
        """
    )
)
_FORGET_PATTERNS = Query(text("DELETE FROM identity_patterns"))
_DROP_STALE = Query(text("DELETE FROM identity_pairs WHERE status = 'open' AND updated_at < :since"))
_COUNT_CUSTOMERS = Query(text("SELECT count(*) FROM customers"))


@dataclass(frozen=True)
class Known:
    """What every slice of one run judges by."""

    model: Model
    terms: Terms
    crowded: frozenset[int]


def advance(matching_id: UUID, seconds: float) -> bool:
    """Work on a run for about so long; answers whether there is more to do. Raises LeaseLost."""
    until = time.monotonic() + seconds
    attempt = _take(matching_id)
    if attempt is None:
        return False
    while time.monotonic() < until:
        if not _slice(matching_id, attempt):
            return False
    _give_back(matching_id, attempt)
    return True


def _take(matching_id: UUID) -> int | None:
    with transaction(_CALLER) as tx:
        attempt = claim(
            tx, IdentityMatching, matching_id, _LEASE_SECONDS, IdentityMatching.status.in_(("queued", "running"))
        )
        if attempt is not None:
            tx.session.get_one(IdentityMatching, matching_id).status = "running"
        return attempt


def _give_back(matching_id: UUID, attempt: int) -> None:
    with transaction(_CALLER) as tx:
        hold(tx, IdentityMatching, matching_id, attempt, _LEASE_SECONDS)
        tx.session.get_one(IdentityMatching, matching_id).leased_until = None


def _slice(matching_id: UUID, attempt: int) -> bool:
    """One slice of whatever step the run is at; answers whether the run goes on."""
    with transaction(_CALLER, statement_seconds=_STATEMENT_SECONDS) as tx:
        hold(tx, IdentityMatching, matching_id, attempt, _LEASE_SECONDS)
        matching = tx.session.get_one(IdentityMatching, matching_id)
        if matching.status != "running":
            return False
        _STEPS[matching.step](tx, matching)
        return matching.status == "running"


def _read(tx: Transaction, matching: IdentityMatching) -> None:
    if matching.cursor is None:
        follow.spare_the_past(tx)
        row = tx.first(_COUNT_CUSTOMERS)
        matching.total = int(row[0]) if row else 0
    ids = profiles.next_ids(tx, UUID(matching.cursor) if matching.cursor else _FIRST, _READ_AT_ONCE)
    profiles.refresh(tx, ids)
    matching.done += len(ids)
    matching.cursor = str(ids[-1]) if ids else matching.cursor
    if len(ids) < _READ_AT_ONCE:
        matching.step, matching.cursor = "count", None


def _count(tx: Transaction, matching: IdentityMatching) -> None:
    usual.recount(tx)
    tx.run(_FORGET_PATTERNS)
    matching.step = "compare"


def _compare(tx: Transaction, matching: IdentityMatching) -> None:
    known = _known(matching.id)
    since = int(matching.cursor) if matching.cursor else _LOWEST
    end = tx.first(_SLICE_END, since=since, rows=_BLOCKS_AT_ONCE)
    until = max(end[0], since + 1) if end else None
    patterns: Patterns = Patterns()
    with planned_afresh(tx):
        rows = tx.rows(_SLICE, since=since, until=until, most=MOST_IN_A_BLOCK)
    met = (pair for key, block in _blocks(rows) for pair in pairs_in(block, key, known.crowded))
    found = pairs.judge(met, known.model, known.terms, patterns)
    pairs.store(tx, found)
    pairs.note_patterns(tx, patterns)
    matching.found += len(found)
    matching.cursor = str(until)
    if until is None:
        _finish(tx, matching)


def _finish(tx: Transaction, matching: IdentityMatching) -> None:
    tx.run(_DROP_STALE, since=matching.created_at)
    matching.status, matching.finished_at, matching.leased_until, matching.cursor = "succeeded", now(), None, None
    _known.cache_clear()


@lru_cache(maxsize=1)
def _known(matching_id: UUID) -> Known:
    # Read once by whoever works on the run: counts that move while it goes on would judge the last unlike the first.
    with transaction(_CALLER, statement_seconds=_STATEMENT_SECONDS) as tx:
        return Known(weights.model_in_force(tx), usual.all_terms(tx), crowded_blocks(tx))


def _blocks(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, list[Kept]]]:
    for key, members in groupby(rows, key=itemgetter(0)):
        yield key, [kept(*row[1:]) for row in members]


_STEPS = {"read": _read, "count": _count, "compare": _compare}
