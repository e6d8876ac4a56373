"""The customers of made-up stories: born with a mark, and edited on any side in its own form."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.connectors.fake_partner import Json

MARK = "test"  # the identifier by which a test knows a record on every side; nobody edits it
_NAMES = ("Işıl", "İpek", "Çağla", "Şule", "Ömer", "Uğur")


def marks_of(record: Json) -> list[str]:
    """The serials of a record in a partner's form, one of them where all is well."""
    return [each["value"] for each in record.get("identifiers") or () if each["system"] == MARK]


def a_record(serial: str) -> Json:
    """A customer like no other."""
    number = int(serial.rpartition("-")[2])
    return {
        "kind": "person",
        "given_name": written("given_name", number),
        "family_name": written("family_name", number),
        "attributes": {"colour": written("colour", number)},
        "contact_points": [phone(number)],
        "identifiers": [{"system": MARK, "value": serial}],
    }


def written(field: str, value: int) -> str:
    """A value that nobody else writes there."""
    return f"renk {value}" if field == "colour" else f"{_NAMES[value % len(_NAMES)]} {value}"


def phone(value: int) -> Json:
    """A contact point."""
    return {"kind": "phone", "value": f"+90532{value:07}"}


def edited(record: Json, field: str, value: int, *, of_hub: bool) -> Json:
    """A patch as the hub takes it, or as a partner's own people write it."""
    points = list(record.get("contact_points") or ())
    if field == "birth_date":
        day = dt.date(1960, 1, 1) + dt.timedelta(days=value)
        return {field: day if of_hub else day.isoformat()}
    if field == "colour":
        return {"attributes": ({} if of_hub else record.get("attributes") or {}) | {field: written(field, value)}}
    if field == "phone":
        return {"contact_points": [*points, phone(value)]}
    return {"contact_points": points[1:]} if field == "no phone" else {field: written(field, value)}


def value_of(record: Json, field: str) -> Any:
    """What the hub says there."""
    return record["attributes"].get(field) if field == "colour" else record[field]


def shown(record: Json, granted: frozenset[str]) -> Json:
    """What two sides must agree on, in whichever form a record is."""
    by_agreement = {name: str(record.get(name)) for name in granted}
    return by_agreement | {
        "names": (record["given_name"], record["family_name"]),
        "attributes": record.get("attributes") or {},
        "contact_points": sorted((each["kind"], each["value"]) for each in record.get("contact_points") or ()),
        "identifiers": sorted((each["system"], each["value"]) for each in record.get("identifiers") or ()),
    }
