"""A customer as matching sees it: a flat row of short texts and numbers, kept as one line of JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import orjson

from gateway.customers.keys import identifier_key
from gateway.identity.reading.addresses import Place, read_address
from gateway.identity.reading.organisation_names import read_organisation
from gateway.identity.reading.person_names import read_names

_MOST = 8  # contact points of a kind, identifiers, places: a record with hundreds must not make matching slow


class Profile(NamedTuple):
    """Everything compared about one customer; `birth` is yyyymmdd or 0, `name` an organisation's telling words."""

    is_person: bool
    given: list[str]
    family: list[str]
    generation: str
    name: list[str]
    form: str
    birth: int
    tax_id: str
    emails: list[str]
    phones: list[str]
    identifiers: list[str]
    places: list[Place]
    keys: list[int]


_PLACES = Profile._fields.index("places")


def read_profile(row: Mapping[str, Any]) -> Profile:
    """The profile of a stored customer, without its block keys."""
    points, is_person = row["contact_points"], row["kind"] == "person"
    names = read_names(row["given_name"] or "", row["family_name"] or "") if is_person else None
    name = None if is_person else read_organisation(row["organisation_name"] or "")
    return Profile(
        is_person,
        list(names.given) if names else [],
        list(names.family) if names else [],
        names.generation if names else "",
        list(name.core) if name else [],
        name.form if name else "",
        _number_of(row["birth_date"]) if is_person else 0,
        row["tax_id"] or "",
        _values(points, "email"),
        _values(points, "phone"),
        [identifier_key(each["system"], each["value"]) for each in row["identifiers"][:_MOST]],
        _places(points),
        [],
    )


def write_line(profile: Profile) -> str:
    """The profile as it is stored."""
    fields = [*profile]
    fields[_PLACES] = [tuple(place) for place in profile.places]
    return orjson.dumps(fields).decode()


def read_line(line: str) -> Profile:
    """What `write_line` stored."""
    fields = orjson.loads(line)
    fields[_PLACES] = [Place(*each) for each in fields[_PLACES]]
    return Profile(*fields)


def _number_of(day: date | None) -> int:
    return 0 if day is None else day.year * 10_000 + day.month * 100 + day.day


def _values(points: list[dict[str, Any]], kind: str) -> list[str]:
    return list(dict.fromkeys(each["value"] for each in points if each["kind"] == kind and each["value"]))[:_MOST]


def _places(points: list[dict[str, Any]]) -> list[Place]:
    written = [each for each in points if each["kind"] == "address"][:_MOST]
    return list(dict.fromkeys(read_address(each["address"], each["value"]) for each in written))
