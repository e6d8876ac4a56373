"""From what was written to what is stored: contact points normalised, names composed, keys to find by."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from stdnum.exceptions import ValidationError as BadNumber
from stdnum.tr import tckimlik, vkn

from gateway.customers import contact, keys
from gateway.db import new_id_texts
from gateway.errors import FieldError, Invalid, refuse_field
from gateway.turkish import fold, sort_key

_ADDRESS_PARTS = ("line1", "line2", "district", "city", "region", "postal_code", "country")
_in_line = itemgetter("line1", "line2", "district", "postal_code", "city", "region", "country")
_NO_MOMENTS = dict.fromkeys(("verified_at", "valid_from", "valid_until"))
_MOMENTS = frozenset(_NO_MOMENTS)
_TEXTS = ("given_name", "family_name", "organisation_name", "tax_id", "owner", "internal_note", "locale")


def normalise(data: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Bring written fields into their stored form; `before` is the record being changed.

    Raises Invalid with a pointer for every contact point or tax id that cannot be right.
    """
    errors: list[FieldError] = []
    stored = dict(data)
    for name in _TEXTS:
        if name in stored and isinstance(stored[name], str):
            stored[name] = stored[name].strip() or None
    if stored.get("tax_id"):
        stored["tax_id"] = _tax_id(stored["tax_id"], errors)
    if "contact_points" in stored:
        known = {point["id"] for point in (before or {}).get("contact_points", ())}
        stored["contact_points"] = _contact_points(stored["contact_points"] or [], known, errors)
    if "identifiers" in stored:
        stored["identifiers"] = _identifiers(stored["identifiers"] or [])
    if "attributes" in stored:
        stored["attributes"] = stored["attributes"] or {}
    if errors:
        raise Invalid(errors=errors)
    return stored


def keep_verification(points: list[dict[str, Any]], before: list[dict[str, Any]]) -> None:
    """Leave it to others to verify: an unchanged contact point stays as verified as it was, any other is not.

    Raises Invalid for a `verified_at` that was made up.
    """
    known = {point["id"]: point for point in before}
    for number, point in enumerate(points):
        old = known.get(point["id"], {})
        if point["verified_at"] not in (None, old.get("verified_at")):
            raise refuse_field(f"/contact_points/{number}/verified_at", "read_only", "Only we can verify this.")
        is_same = all(point[name] == old.get(name) for name in ("kind", "value", "address"))
        point["verified_at"] = old.get("verified_at") if is_same else None


def complete(row: dict[str, Any]) -> dict[str, Any]:
    """The row with what follows from it: display_name, sort_key, city_key; raises Invalid for a nameless record."""
    name, city = _display_name(row), _city(row["contact_points"])
    row.update(display_name=name, sort_key=sort_key(name), city_key=_city_key(city))
    return row


def keys_of(row: dict[str, Any]) -> set[str]:
    """Every key a stored customer is found by."""
    found = set(keys.name_keys(row["display_name"]))
    for point in row["contact_points"]:
        if point["kind"] == "phone" and point["value"]:
            found.add(keys.phone_key(point["value"]))
        elif point["kind"] == "email" and point["value"]:
            found.add(keys.email_key(point["value"]))
    found.update([keys.identifier_key(each["system"], each["value"]) for each in row["identifiers"]])
    if row["tax_id"]:
        found.add(keys.TAX_ID + row["tax_id"])
    return found


@lru_cache(maxsize=4096)
def _city_key(city: str) -> str:
    return fold(city)


def _display_name(row: dict[str, Any]) -> str:
    if row["kind"] == "organisation":
        name, wanted = row["organisation_name"] or "", "organisation_name"
    else:
        name, wanted = " ".join(filter(None, (row["given_name"], row["family_name"]))), "given_name"
    if not name.strip():
        message = "A person needs a given or family name, an organisation its name."
        raise Invalid(errors=[{"pointer": f"/{wanted}", "code": "required", "message": message}])
    return name.strip()


def _city(points: list[dict[str, Any]]) -> str:
    addresses = [point for point in points if point["kind"] == "address" and point["address"]]
    chosen = next((point for point in addresses if point["primary"]), addresses[0] if addresses else None)
    return (chosen["address"]["city"] or "") if chosen else ""


def _tax_id(raw: str, errors: list[FieldError]) -> str:
    number = re.sub(r"[\s.-]", "", raw).upper()
    check = {10: vkn, 11: tckimlik}.get(len(number)) if number.isdigit() else None
    try:
        if check is not None:
            check.validate(number)
    except BadNumber:
        message = "The check digits of this tax id are wrong."
        errors.append({"pointer": "/tax_id", "code": "invalid", "message": message})
    return number


def _identifiers(raw: list[dict[str, Any]]) -> list[dict[str, str]]:
    return list(
        {(each["system"], each["value"]): {"system": each["system"], "value": each["value"]} for each in raw}.values()
    )


def _contact_points(raw: list[dict[str, Any]], known: set[str], errors: list[FieldError]) -> list[dict[str, Any]]:
    fresh = iter(new_id_texts(len(raw)))
    return [_contact_point(point, number, next(fresh), known, errors) for number, point in enumerate(raw)]


def _contact_point(
    point: dict[str, Any], number: int, fresh_id: str, known: set[str], errors: list[FieldError]
) -> dict[str, Any]:
    get, kind = point.get, point["kind"]
    address = _address(get("address") or {}) if kind == "address" else None
    return {
        "id": _known_id(str(get("id")), number, known, errors) if get("id") else fresh_id,
        "kind": kind,
        "value": _line(get("value"), address, number, errors) if address else _value(point, number, errors),
        "address": address,
        "primary": bool(get("primary")),
        **(_NO_MOMENTS if _MOMENTS.isdisjoint(point) else {name: _moment(get(name)) for name in _NO_MOMENTS}),
    }


def _known_id(point_id: str, number: int, known: set[str], errors: list[FieldError]) -> str:
    if point_id not in known:  # or it stands twice
        message = "This record has no contact point with this id; leave the id out for a new one."
        errors.append({"pointer": f"/contact_points/{number}/id", "code": "unknown", "message": message})
    known.discard(point_id)
    return point_id


def _value(point: dict[str, Any], number: int, errors: list[FieldError]) -> str | None:
    raw = (point.get("value") or "").strip()
    try:
        return contact.email(raw) if point["kind"] == "email" else contact.phone(raw)
    except ValueError as wrong:
        errors.append({"pointer": f"/contact_points/{number}/value", "code": "invalid", "message": str(wrong)})
        return None


def _line(said: str | None, address: dict[str, Any], number: int, errors: list[FieldError]) -> str | None:
    line = (said or "").strip() or ", ".join(filter(None, _in_line(address)))
    if not line:
        pointer = f"/contact_points/{number}/address"
        errors.append({"pointer": pointer, "code": "required", "message": "An address has its parts."})
    return line or None


def _address(raw: dict[str, Any]) -> dict[str, Any]:
    get = raw.get
    return {part: get(part) or None for part in _ADDRESS_PARTS}


def _moment(value: datetime | str | None) -> str | None:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
