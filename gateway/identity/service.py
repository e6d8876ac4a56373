"""What stewards can do with pairs: look, see why, and settle. Nothing here commits."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit
from gateway.customers import shape
from gateway.db import Query, Transaction, now
from gateway.errors import Conflict
from gateway.identity import profiles, usual, weights
from gateway.identity.candidates import partners_of
from gateway.identity.models import IdentityPair
from gateway.identity.profiles import Kept
from gateway.identity.weighing.model import Model, Weighed
from gateway.identity.weighing.why import Why, why

_NAMES = Query(text("SELECT id, display_name FROM customers WHERE id = ANY(:ids)"))
_NOBODY = UUID(int=0)
_NOTHING_WRITTEN: dict[str, Any] = dict.fromkeys(
    ("given_name", "family_name", "organisation_name", "birth_date", "tax_id")
) | {"contact_points": [], "identifiers": []}


class PairSettled(Conflict):
    """Somebody else was faster."""

    code, title = "pair_settled", "This pair is settled already"


class Match(NamedTuple):
    """A customer that may be the one that was described."""

    customer_id: UUID
    weighed: Weighed
    outcome: str
    why: Why


def list_pairs(
    tx: Transaction, outcome: str, status: str, after: tuple[float, UUID] | None, limit: int
) -> list[IdentityPair]:
    """Pairs of one outcome and status, the highest score first."""
    statement = select(IdentityPair).where(IdentityPair.status == status, IdentityPair.outcome == outcome)
    if after is not None:
        bits, pair_id = after
        is_later = (IdentityPair.bits < bits) | ((IdentityPair.bits == bits) & (IdentityPair.id < pair_id))
        statement = statement.where(IdentityPair.bits <= bits, is_later)
    return tx.scalars(statement.order_by(IdentityPair.bits.desc(), IdentityPair.id.desc()).limit(limit))


def get_pair(tx: Transaction, pair_id: UUID, *, lock: bool = False) -> IdentityPair:
    """One pair, with `lock` as it stands now; raises NotFound."""
    return tx.get(IdentityPair, pair_id, lock=lock)


def explain(tx: Transaction, pair: IdentityPair) -> Why:
    """Why a pair is judged as it is, by the weights in force."""
    side = weights.model_in_force(tx).side(pair.is_person)
    return why(side, tuple(pair.levels), pair.adjusted, profiles.count(tx))


def settle(tx: Transaction, pair_id: UUID, decision: str, note: str | None) -> IdentityPair:
    """Keep what a person decided; matching never asks again. Raises NotFound, PairSettled for another decision."""
    pair = get_pair(tx, pair_id, lock=True)
    if pair.status == decision:
        return pair
    if pair.status != "open":
        raise PairSettled
    pair.status, pair.note = decision, note
    pair.settled_by, pair.settled_at, pair.updated_at = tx.caller.actor, now(), now()
    detail = {"decision": decision, "first_id": str(pair.first_id), "second_id": str(pair.second_id)}
    audit.record(tx, "identity.pair.settled", "identity_pair", pair_id, detail)
    return pair


def names_of(tx: Transaction, ids: set[UUID]) -> dict[UUID, str]:
    """What customers are called."""
    return dict(tx.rows(_NAMES, ids=sorted(ids)))


def check(tx: Transaction, described: dict[str, Any]) -> list[Match]:
    """Who is there already of those a loaded `CustomerInput` may mean, the likeliest first; nothing is written."""
    row = _NOTHING_WRITTEN | shape.complete({**_NOTHING_WRITTEN, **shape.normalise(described)})
    record = Kept(_NOBODY, 0, profiles.profile_of(row))
    model, terms = weights.model_in_force(tx), usual.terms_for(tx, [record.profile])
    weighed = [(two, model.weigh(one.profile, two.profile, terms)) for one, two in partners_of(tx, [record])]
    likely = [_match(model, two, found, terms.total) for two, found in weighed if found.bits >= model.doubtful_bits]
    return sorted(likely, key=lambda match: -match.weighed.bits)


def _match(model: Model, found: Kept, weighed: Weighed, total: int) -> Match:
    said = why(model.side(found.profile.is_person), weighed.vector, weighed.adjusted, total)
    return Match(found.customer_id, weighed, model.outcome(weighed.bits), said)
