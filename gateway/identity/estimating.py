"""Weights estimated from this base: from all pairs that were compared, and those that stewards have settled."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import text

from gateway import audit
from gateway.db import Query, Transaction
from gateway.identity import weights
from gateway.identity.models import IdentityWeights
from gateway.identity.weighing.estimation import Observed, estimate
from gateway.identity.weighing.model import Model

_COMPARED = Query(text("SELECT is_person, levels, count FROM identity_patterns"))
_SETTLED = Query(
    text(
        """
        SELECT is_person, levels, status <> 'different', count(*) FROM identity_pairs
        WHERE status <> 'open' GROUP BY is_person, levels, status <> 'different'
        """
    )
)


class Sample(NamedTuple):
    """What was observed of each kind of customer."""

    observed: dict[bool, list[Observed]]
    compared: int
    settled: int


def estimate_here(tx: Transaction) -> IdentityWeights:
    """Fit the weights in force to what was compared and settled here; pairs are judged by them from now on."""
    model, sample = weights.model_in_force(tx), _sample(tx)
    people, organisations = (estimate(model.side(kind), sample.observed[kind]) for kind in (True, False))
    fitted = Model(people, organisations, model.sure_bits, model.doubtful_bits)
    row = IdentityWeights(
        weights=weights.written(fitted),
        compared=sample.compared,
        settled=sample.settled,
        created_by=tx.caller.actor,
    )
    tx.session.add(row)
    tx.session.flush()
    detail = {"compared": sample.compared, "settled": sample.settled}
    audit.record(tx, "identity.weights.estimated", "identity_weights", row.id, detail)
    return row


def _sample(tx: Transaction) -> Sample:
    observed: dict[bool, list[Observed]] = {True: [], False: []}
    compared = settled = 0
    for is_person, levels, count in tx.rows(_COMPARED):
        observed[is_person].append(Observed(tuple(levels), count))
        compared += count
    for is_person, levels, is_same, count in tx.rows(_SETTLED):
        observed[is_person].append(Observed(tuple(levels), count, is_same))
        settled += count
    return Sample(observed, compared, settled)
