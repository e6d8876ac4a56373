"""What a partner does with its claims: draft, change, submit, withdraw. Nothing here commits.

It acts upon what it has been told (`told`), never upon what the house knows: every answer is the same whoever has won.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.claims import evidence, persons, states, told
from gateway.claims.models import Claim
from gateway.customers import search
from gateway.db import Transaction, now
from gateway.errors import Invalid, PreconditionFailed, refuse_field
from gateway.partners import service as partners
from gateway.partners.terms import require_in_force, terms_of
from gateway.turkish import fold

_WHOM = frozenset({"customer_id", "person"})


def draft(tx: Transaction, said: dict[str, Any]) -> Claim:
    """Make a claim of loaded `ClaimInput`, submitted at once where it says so.

    Raises NotFound, Invalid, AgreementOver.
    """
    said = dict(said)
    is_submitted = said.pop("submit")
    if _WHOM.isdisjoint(said):
        raise _whom_is_wanted()
    partner = partners.get(tx, _partner_id(tx))
    claim = Claim(partner_id=partner.id, partner=partner.code, told=states.DRAFT, **_content(tx, said))
    tx.session.add(claim)
    tx.session.flush()
    _record(tx, "claim.drafted", claim)
    return submit(tx, claim.id) if is_submitted else claim


def change(tx: Transaction, claim_id: UUID, patch: dict[str, Any], expected_version: int) -> Claim:
    """Apply a loaded merge patch to a draft. Raises NotFound, PreconditionFailed, ClaimNotOpen, Invalid."""
    claim = get(tx, claim_id, lock=True)
    if claim.version != expected_version:
        raise PreconditionFailed
    states.after("change", claim.told or "")
    for name, value in _content(tx, patch).items():
        setattr(claim, name, value)
    claim.version += 1
    tx.session.flush()
    _record(tx, "claim.changed", claim)
    return claim


def submit(tx: Transaction, claim_id: UUID) -> Claim:
    """Put a draft before the house, which answers by `answer_by`. Raises NotFound, ClaimNotOpen, AgreementOver."""
    claim = get(tx, claim_id, lock=True)
    moment, partner = now(), partners.get(tx, claim.partner_id)
    claim.status = states.after("submit", claim.told or "")
    require_in_force(partner, moment)
    claim.submitted_at = moment
    claim.answer_by = claim.due_at = moment + timedelta(days=terms_of(partner).answer_days)
    claim.tell(states.SUBMITTED, moment)
    told.submitted(tx, claim)
    _record(tx, "claim.submitted", claim)
    return claim


def withdraw(tx: Transaction, claim_id: UUID) -> Claim:
    """Take a claim back that the partner has not been told the end of. Raises NotFound, ClaimNotOpen."""
    claim = get(tx, claim_id, lock=True)
    claim.tell(states.after("withdraw", claim.told or ""), now())
    claim.due_at = None
    if claim.status in (states.DRAFT, *states.UNDECIDED):
        claim.status = states.WITHDRAWN
    tx.session.flush()
    _record(tx, "claim.withdrawn", claim)
    return claim


def get(tx: Transaction, claim_id: UUID, *, lock: bool = False) -> Claim:
    """One claim that the caller may see; raises NotFound."""
    return tx.get(Claim, claim_id, lock=lock)


def find(tx: Transaction, filters: dict[str, Any], after: UUID | None, limit: int) -> list[Claim]:
    """Claims the caller may see, the oldest first, of which every one of `filters`, by column, is true."""
    statement = select(Claim).filter_by(**filters).order_by(Claim.id).limit(limit)
    return tx.scalars(statement if after is None else statement.where(Claim.id > after))


def _content(tx: Transaction, said: dict[str, Any]) -> dict[str, Any]:
    """The columns that a partner fills in, as far as it says something of them."""
    content: dict[str, Any] = {name: said[name] for name in ("scope", "note") if name in said}
    if "scope" in said:
        content["scope_key"] = fold(said["scope"])
    if "evidence" in said:
        content["evidence"] = evidence.read(tx, said["evidence"] or ())
    return content | _whom(tx, said)


def _whom(tx: Transaction, said: dict[str, Any]) -> dict[str, Any]:
    if said.keys() >= _WHOM:
        raise _whom_is_wanted()
    if "customer_id" in said:
        search.get(tx, said["customer_id"], ("id",))
        return _named(tx, said["customer_id"])
    if "person" not in said:
        return {}
    person, keys = persons.read(said["person"])
    return {"customer_id": None, "is_named": False, "person": person, "keys": keys}


def _whom_is_wanted() -> Invalid:
    return refuse_field("/person", "required", "Name one of your customers (customer_id) or describe the person.")


def _named(tx: Transaction, customer_id: UUID) -> dict[str, Any]:
    return {"customer_id": customer_id, "is_named": True, "person": {}, "keys": persons.keys_of(tx, customer_id)}


def _partner_id(tx: Transaction) -> UUID:
    assert tx.caller.partner_id is not None  # noqa: S101  # partners alone come in by this door
    return tx.caller.partner_id


def _record(tx: Transaction, action: str, claim: Claim) -> None:
    audit.record(tx, action, "claim", claim.id)
