"""What a customer proposes to be put right, and what is decided on it. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Channel
from gateway.customers import fields, search, shape
from gateway.customers import service as customers
from gateway.db import Query, Transaction, now
from gateway.errors import Invalid, NotFound, refuse_field
from gateway.provenance import OF_CUSTOMER, Source
from gateway.rights.cases import kinds
from gateway.rights.cases import service as cases
from gateway.rights.cases.models import RightsCase
from gateway.rights.cases.service import CaseEnded
from gateway.validation import load
from schemas.customer import CustomerInput

NAME = "rectification"
FIELDS = frozenset(
    {"given_name", "family_name", "organisation_name", "birth_date", "tax_id", "locale", "contact_points"}
)
_PARTNERS = Query(
    text(
        """
        SELECT p.code, p.granted_fields FROM partners p JOIN shares s ON s.partner_id = p.id
        WHERE s.customer_id = :customer AND NOT s.is_withheld ORDER BY p.code
        """
    )
)


def check(tx: Transaction, customer_id: UUID, wish: dict[str, Any]) -> dict[str, Any]:
    """The proposed fields as they came, once each could be stored; raises Invalid."""
    proposed = wish.get("fields")
    if wish.keys() != {"fields"} or not isinstance(proposed, dict) or not proposed:
        raise refuse_field("/wish", "required", "An object `fields` with the fields to put right, and nothing else.")
    try:
        _rehearse(tx, customer_id, proposed)
    except Invalid as wrong:
        told = [{**each, "pointer": f"/wish/fields{each['pointer']}"} for each in wrong.errors]
        raise Invalid(errors=told) from None
    return {"fields": proposed}


def decide(tx: Transaction, case_id: UUID, accept: list[str], refuse: dict[str, str]) -> RightsCase:
    """Apply what is accepted as the customer's own word and close the case; raises NotFound, CaseEnded, Invalid."""
    case = cases.get(tx, case_id, lock=True)
    if case.kind != NAME:
        raise NotFound
    if case.status != "in_progress":
        raise CaseEnded
    proposed = case.wish["fields"]
    if sorted([*accept, *refuse]) != sorted(proposed):
        raise refuse_field("", "incomplete", f"Accept or refuse each once of {', '.join(sorted(proposed))}.")
    applied = _apply(tx, case.customer_id, {name: proposed[name] for name in accept}) if accept else []
    passed_on = _partners_told(tx, case.customer_id, applied)
    cases.complete(tx, case, {"applied": sorted(applied), "refused": refuse, "passed_on_to": passed_on})
    return case


def _rehearse(tx: Transaction, customer_id: UUID, proposed: dict[str, Any]) -> None:
    before = search.get(tx, customer_id, ("contact_points",))
    stored = shape.normalise(load(CustomerInput, proposed, FIELDS, is_patch=True), before)
    if "contact_points" in stored:
        shape.keep_verification(stored["contact_points"], before["contact_points"])


def _apply(tx: Transaction, customer_id: UUID, proposed: dict[str, Any]) -> list[str]:
    loaded = load(CustomerInput, proposed, FIELDS, is_patch=True)
    version = search.get(tx, customer_id, ("version",))["version"]
    customers.change(tx, customer_id, loaded, version, Source(OF_CUSTOMER, now()))
    return list(loaded)


def _partners_told(tx: Transaction, customer_id: UUID, applied: list[str]) -> list[str]:
    """The codes of those that may see any of the fields."""
    return [
        code
        for code, granted in tx.rows(_PARTNERS, customer=customer_id)
        if not set(applied).isdisjoint(fields.visible_fields(Channel.EXTRANET, frozenset(granted)))
    ]


def _begin(_tx: Transaction, _case: RightsCase) -> None:
    """Nothing yet: it is decided field by field."""


kinds.register(kinds.Kind(NAME, _begin, check))
