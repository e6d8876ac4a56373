"""A run over the whole base by any number of workers: read every customer, count terms, walk the blocks.

Nothing is held but one slice and what all need: the usual terms and the keys of crowded blocks. A slice commits with
all its effects or leaves none, so a worker that is killed loses a slice of work and nothing else.
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
from gateway.identity import follow, pairs, profiles, slices, usual, weights
from gateway.identity.blocks import MOST_IN
from gateway.identity.candidates import crowded_blocks, pairs_in
from gateway.identity.models import IdentityMatching
from gateway.identity.pairs import Patterns
from gateway.identity.profiles import Kept, kept
from gateway.identity.slices import Slice
from gateway.identity.weighing.model import Model
from gateway.identity.weighing.terms import Terms

_CALLER = Caller.system("identity")
_STATEMENT_SECONDS = 300
_READ_EACH, _COMPARED_EACH = 2000, 5000
"""Customers of a slice that are read, or whose blocks are walked: some seconds, some megabytes."""
_IDS = Query(
    text(
        """
        SELECT id FROM customers
        WHERE id >= CAST(:since AS uuid) AND (CAST(:until AS uuid) IS NULL OR id < CAST(:until AS uuid))
        """
    )
)
_BLOCKS = Query(
    text(
        f"""
        WITH walked AS MATERIALIZED (
            SELECT key, number, count(*) OVER (PARTITION BY key) AS size FROM identity_blocks
            WHERE key >= CAST(:since AS bigint) AND (CAST(:until AS bigint) IS NULL OR key < CAST(:until AS bigint))
        )
        SELECT w.key, p.customer_id, p.number, p.profile, p.keys
        FROM walked w JOIN identity_profiles p ON p.number = w.number
        WHERE w.size BETWEEN 2 AND {MOST_IN}
        ORDER BY w.key
        """  # noqa: S608  # our own numbers
    )
)
_LOCK = Query(text("SELECT FROM identity_matchings WHERE id = :id AND step = :step FOR UPDATE SKIP LOCKED"))
_NOTE = Query(text("UPDATE identity_matchings SET done = done + :done, found = found + :found WHERE id = :id"))
_COUNT_CUSTOMERS = Query(text("SELECT count(*) FROM customers"))
_FORGET_PATTERNS = Query(text("DELETE FROM identity_patterns"))
_DROP_STALE = Query(text("DELETE FROM identity_pairs WHERE status = 'open' AND updated_at < :since"))


@dataclass(frozen=True)
class Known:
    """What every slice of one run judges by."""

    model: Model
    terms: Terms
    crowded: frozenset[int]


def advance(matching_id: UUID, seconds: float) -> bool:
    """Work on a run for about so long; answers whether it goes on, with or without this worker."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with transaction(_CALLER, statement_seconds=_STATEMENT_SECONDS) as tx:
            slice_ = slices.take(tx, matching_id)  # first: while one of its slices is taken, a run stays at its step
            matching = tx.session.get_one(IdentityMatching, matching_id)
            if matching.status not in ("queued", "running"):
                return False
            if slice_ is not None:
                _work(tx, matching, slice_)
            elif not _next_step(tx, matching):
                return True
    return True


def _work(tx: Transaction, matching: IdentityMatching, slice_: Slice) -> None:
    done, found = _STEPS[matching.step](tx, matching, slice_)
    slices.finish(tx, matching.id, slice_.number)
    tx.run(_NOTE, id=matching.id, done=done, found=found)


def _next_step(tx: Transaction, matching: IdentityMatching) -> bool:
    """Plan what follows, once nobody works on a slice any more; answers whether it was for this worker to do."""
    if slices.are_left(tx, matching.id) or tx.first(_LOCK, id=matching.id, step=matching.step) is None:
        return False
    _PLANS[matching.step](tx, matching)
    return True


def _plan_reading(tx: Transaction, matching: IdentityMatching) -> None:
    follow.spare_the_past(tx)
    row = tx.first(_COUNT_CUSTOMERS)
    matching.status, matching.step, matching.total = "running", "read", int(row[0]) if row else 0
    slices.plan_customers(tx, matching.id, _READ_EACH)


def _plan_comparing(tx: Transaction, matching: IdentityMatching) -> None:
    usual.recount(tx)
    tx.run(_FORGET_PATTERNS)
    slices.plan_blocks(tx, matching.id, 1 + profiles.count(tx) // _COMPARED_EACH)
    matching.step = "compare"


def _end(tx: Transaction, matching: IdentityMatching) -> None:
    tx.run(_DROP_STALE, since=matching.created_at)
    matching.status, matching.step, matching.finished_at = "succeeded", "end", now()


_PLANS = {"begin": _plan_reading, "read": _plan_comparing, "compare": _end}


def _read(tx: Transaction, matching: IdentityMatching, slice_: Slice) -> tuple[int, int]:
    ids = [row[0] for row in tx.rows(_IDS, since=slice_.since, until=slice_.until)]
    profiles.refresh(tx, ids)
    return len(ids), 0


def _compare(tx: Transaction, matching: IdentityMatching, slice_: Slice) -> tuple[int, int]:
    known = _known(matching.id)
    patterns: Patterns = Patterns()
    with planned_afresh(tx):
        rows = tx.rows(_BLOCKS, since=slice_.since, until=slice_.until)
    met = (pair for key, block in _blocks(rows) for pair in pairs_in(block, key, known.crowded))
    found = pairs.judge(met, known.model, known.terms, patterns)
    pairs.store(tx, found)
    pairs.note_patterns(tx, patterns)
    return 0, len(found)


_STEPS = {"read": _read, "compare": _compare}


@lru_cache(maxsize=1)
def _known(matching_id: UUID) -> Known:
    # Read once by each who works on the run: counts that move while it goes on would judge the last unlike the first.
    with transaction(_CALLER, statement_seconds=_STATEMENT_SECONDS) as tx:
        return Known(weights.model_in_force(tx), usual.all_terms(tx), crowded_blocks(tx))


def _blocks(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[int, list[Kept]]]:
    for key, members in groupby(rows, key=itemgetter(0)):
        yield key, [kept(*row[1:]) for row in members]
