"""What can be done with customers: create, change, share. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from marshmallow import ValidationError
from sqlalchemy import bindparam, select, text

from gateway import audit, outbox
from gateway.channels import Channel
from gateway.customers import restricted, shape, shares, stored, tombstones
from gateway.customers.attributes import known
from gateway.customers.fields import ALL, side_of
from gateway.customers.models import Customer
from gateway.customers.redirects import missing
from gateway.customers.search import identity_of, visible_to
from gateway.customers.sources import parts, trace
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import NotFound, PreconditionFailed, refuse_field
from gateway.partners import service as partners
from gateway.partners.models import Partner
from gateway.partners.terms import require_in_force
from gateway.provenance import OF_CUSTOMER, Source, born, source_of
from gateway.validation import sentence_of
from schemas.record import check_attributes

_EMPTY: dict[str, Any] = {
    "given_name": None, "family_name": None, "organisation_name": None, "birth_date": None, "tax_id": None,
    "status": "active", "locale": None, "contact_points": [], "identifiers": [], "attributes": {}, "owner": None,
    "internal_note": None,
}  # fmt: skip
_PARTNERS = Query(text("SELECT partners_sharing(:id)"))


def create(tx: Transaction, data: dict[str, Any]) -> dict[str, Any]:
    """Make a customer of loaded `CustomerInput`; a partner's own is shared with it at once. Answers it whole."""
    moment = now()
    known.read(tx).check(side_of(tx.caller), data.get("attributes") or {}, is_new=True)
    row = shape.complete({**_EMPTY, **shape.normalise(data)})
    row |= {"id": new_id(), "version": 1, "created_at": moment, "updated_at": moment, "origin": tx.caller.origin}
    row["sources"] = born(source_of(tx.caller))
    tombstones.refuse_erased(tx, row)
    stored.insert(tx, row)
    if tx.caller.partner_id is not None:
        shares.add(tx, row, tx.caller.partner_id, {"ground": shares.CREATED})
    stored.insert_keys(tx, row)
    _tell(tx, "customer.created", row)
    audit.record(tx, "customer.created", "customer", row["id"])
    return row


def change(
    tx: Transaction,
    customer_id: UUID,
    patch: dict[str, Any],
    expected_version: int,
    source: Source | None = None,
) -> dict[str, Any]:
    """Apply a loaded merge patch (RFC 7396) to the version the caller has read; answers the whole record.

    `source` is whose word it is, the caller's own without it. Raises NotFound, RecordMerged,
    PreconditionFailed for another version, Invalid, and NotAccepted or Erased where it would give a customer what an
    erased person was recognised by, but for the customer's own word. A patch that changes nothing writes nothing.
    """
    source = source or source_of(tx.caller)
    may_be_erased = _names_somebody(patch) and source.name != OF_CUSTOMER and tombstones.are_any(tx)
    before = _lock(tx, customer_id)
    if before["version"] != expected_version:
        raise PreconditionFailed
    patch = {
        name: _EMPTY.get(name) if value is None and name != "attributes" else value for name, value in patch.items()
    }
    if "attributes" in patch:
        patch["attributes"] = _with_attributes(tx, before["attributes"], patch["attributes"])
    written = shape.normalise(patch, before)
    if source.name == OF_CUSTOMER and "contact_points" in written:
        shape.keep_verification(written["contact_points"], before["contact_points"])
    after = shape.complete({**before, **written})
    changed = [name for name in (*written, "display_name") if after[name] != before[name]]
    if not changed:
        return before
    if may_be_erased:
        tombstones.refuse_erased(tx, after, before)
    after |= {"version": before["version"] + 1, "updated_at": now(), "origin": tx.caller.origin}
    after["sources"] = trace(before, after, changed, source)
    stored.update(tx, before, after)
    _tell(tx, "customer.updated", after, [*changed, *parts(before, after, changed)])
    audit.record(tx, "customer.updated", "customer", customer_id, {"fields": sorted(changed)})
    return after


def verify(tx: Transaction, customer_id: UUID, contact_point: UUID, value: str) -> None:
    """Note that the customer answered at a contact point; nothing happens where it has another value by now.

    Raises NotFound, RecordMerged.
    """
    row = _lock(tx, customer_id)
    points = [
        each | {"verified_at": now().isoformat()} if _is_at(each, contact_point, value) else each
        for each in row["contact_points"]
    ]
    if points != row["contact_points"]:
        change(tx, customer_id, {"contact_points": points}, row["version"])


def share(
    tx: Transaction, customer_id: UUID, partner_code: str, ground: str, terms: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Let a partner see a customer; `terms` are its role, reference, purposes and until. A second time changes nothing.

    Raises NotFound, RecordMerged, AgreementOver, and Invalid for an unknown partner or terms it cannot have.
    """
    row = _lock(tx, customer_id)
    partner = _partner(tx, partner_code)
    require_in_force(partner, now())
    wanted = {"ground": ground, **(terms or {})}
    _check_terms(partner, wanted)
    if shares.add(tx, row, partner.id, wanted):
        restricted.follow(tx, [customer_id])
        _tell(tx, "customer.shared", row, partners_told=[partner.id])
        audit.record(tx, "customer.shared", "customer", customer_id, {"partner": partner_code})
    return share_with(tx, customer_id, partner_code)


def change_share(
    tx: Transaction, customer_id: UUID, partner_code: str, patch: dict[str, Any], expected_version: int | None = None
) -> dict[str, Any]:
    """Apply a loaded merge patch to the terms of a share; as it was stays known.

    Raises NotFound, PreconditionFailed for another version than is expected, Invalid.
    """
    _lock(tx, customer_id)
    partner = partners.get_by_code(tx, partner_code)
    before = shares.terms_with(tx, customer_id, partner.id)
    if before is None:
        raise NotFound
    if expected_version not in (None, before["version"]):
        raise PreconditionFailed
    after = {name: patch.get(name, before[name]) for name in shares.TERMS}
    if changed := sorted(name for name in shares.TERMS if after[name] != before[name]):
        _check_terms(partner, after)
        shares.change(tx, customer_id, partner.id, after)
        audit.record(
            tx, "customer.share_changed", "customer", customer_id, {"partner": partner_code, "fields": changed}
        )
    return share_with(tx, customer_id, partner_code)


def unshare(tx: Transaction, customer_id: UUID, partner_code: str, why: str = "ended") -> None:
    """End a partner's view of a customer; it is told so, and nothing else. Raises NotFound."""
    row = _lock(tx, customer_id)
    partner = partners.find(tx, partner_code)
    if partner is None or not shares.end(tx, customer_id, partner.id, why):
        raise NotFound
    _tell(tx, "customer.unshared", row, partners_told=[partner.id])
    audit.record(tx, "customer.unshared", "customer", customer_id, {"partner": partner_code})


def tell_shared(tx: Transaction, customer_id: UUID, partner_code: str) -> None:
    """Tell a partner of a share that the database has made for it just now."""
    partner = _partner(tx, partner_code)
    _tell(tx, "customer.shared", _lock(tx, customer_id), partners_told=[partner.id])
    audit.record(tx, "customer.shared", "customer", customer_id, {"partner": partner_code})


def share_with(tx: Transaction, customer_id: UUID, partner_code: str) -> dict[str, Any]:
    """One partner's share of a customer; raises NotFound."""
    for each in shares.of(tx, [customer_id])[customer_id]:
        if each["partner"] == partner_code:
            return each
    raise NotFound


def _names_somebody(patch: dict[str, Any]) -> bool:
    return not tombstones.RECOGNISED_BY.isdisjoint(patch)


def _with_attributes(tx: Transaction, before: dict[str, Any], said: dict[str, Any] | None) -> dict[str, Any]:
    """The attributes after what a caller says of them; null empties those that it may write. Raises Invalid."""
    rules, side = known.read(tx), side_of(tx.caller)
    said = rules.cleared(side, before) if said is None else said
    rules.check(side, said, is_new=False)
    return merge_attributes(before, said)


def merge_attributes(before: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The attributes after a merge patch; raises Invalid where patch upon patch has made them too large."""
    return check_size(merge_patch(before, patch))


def check_size(attributes: dict[str, Any]) -> dict[str, Any]:
    """The attributes themselves; raises Invalid where change upon change has made them too large."""
    try:
        check_attributes(attributes)
    except ValidationError as wrong:
        raise refuse_field("/attributes", "too_large", sentence_of(wrong.messages)) from None
    return attributes


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396 on one object: null removes, an object merges, anything else replaces."""
    merged = dict(target)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict):
            inner = merged.get(name)
            merged[name] = merge_patch(inner if isinstance(inner, dict) else {}, value)
        else:
            merged[name] = value
    return merged


def _is_at(point: dict[str, Any], contact_point: UUID, value: str) -> bool:
    return (UUID(str(point["id"])), point["value"]) == (contact_point, value)


def _lock(tx: Transaction, customer_id: UUID) -> dict[str, Any]:
    row = tx.first(_LOCKED[tx.caller.channel], id=customer_id, **identity_of(tx.caller))
    if row is None:
        raise missing(tx, customer_id)
    return dict(zip(_STORED, row, strict=True))


_STORED = (*ALL, "sort_key", "city_key", "origin", "sources")


def _locked(channel: Channel) -> Query:
    source, visible = visible_to(channel)
    table = Customer.__table__
    return Query(
        select(*(table.c[name] for name in _STORED))
        .select_from(source)
        .where(table.c.id == bindparam("id", type_=table.c.id.type), visible)
        .with_for_update(of=table)
    )


_LOCKED = {channel: _locked(channel) for channel in Channel}


def _partner(tx: Transaction, code: str) -> Partner:
    partner = partners.find(tx, code)
    if partner is None:
        raise refuse_field("/partner", "unknown", "There is no partner with this code.")
    return partner


def _check_terms(partner: Partner, terms: dict[str, Any]) -> None:
    until = terms.get("until")
    if until is not None and until <= now():
        raise refuse_field("/until", "invalid", "A share ends in the future.")
    if partner.purposes and (beyond := set(terms.get("purposes") or ()).difference(partner.purposes)):
        raise refuse_field("/purposes", "not_agreed", f"The agreement is not for {', '.join(sorted(beyond))}.")


def _tell(
    tx: Transaction,
    event_type: str,
    row: dict[str, Any],
    changed: Iterable[str] = (),
    partners_told: list[UUID] | None = None,
) -> None:
    """Record the event for those who can see the customer now, or for `partners_told` alone."""
    if partners_told is None:
        told = tx.first(_PARTNERS, id=row["id"])
        partners_told = list(told[0]) if told else []
    outbox.record(
        tx,
        outbox.Event(
            type=event_type,
            resource_id=row["id"],
            customer_id=row["id"],
            record={name: row[name] for name in ALL},
            changed=changed,
            partners=partners_told,
            is_for_customer=event_type in ("customer.created", "customer.updated"),
        ),
    )
