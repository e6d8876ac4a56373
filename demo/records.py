"""Customers as a dealer's system holds them, in the shape of schemas' CustomerRecord."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from demo.names import to_ascii
from demo.numbers import identity_number, mobile_number, tax_number
from demo.people import Party
from demo.places import CITIES, NEIGHBOURHOODS, STREETS
from demo.world import DEMO_DATE, IMPORTED_AT, SEED

Record = dict[str, Any]

_LAST_MOMENT = datetime.combine(DEMO_DATE, time.min, UTC)
_FUELS = ("benzin", "dizel", "hibrit", "elektrik")


def customers_of(code: str, people: Iterable[Party], seed: int = SEED) -> Iterator[Record]:
    """Every customer this dealer knows, ordered by external id."""
    rng = Random(f"{seed}:{code}:customers")
    return (_customer(rng, code, party) for party in people if code in party.ids)


def stamp(moment: datetime) -> str:
    """An aware time as fixed-width UTC text, so that text order is time order: 2026-11-01T08:30:00.000000Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def soon_after(rng: Random, moment: datetime, within_days: float) -> datetime:
    """A moment up to so many days after that one, never past the demo's last."""
    later = moment + timedelta(seconds=within_days * 86_400 * rng.random())
    return min(later, _LAST_MOMENT - timedelta(seconds=600 * rng.random()))


def _customer(rng: Random, code: str, party: Party) -> Record:
    is_guest = code != party.home
    since = datetime.combine(party.since, time(9), UTC)
    edits = rng.choice((0, 0, 0, 1, 2, 4))
    record: Record = {
        "external_id": party.ids[code],
        "updated_at": stamp(max(IMPORTED_AT, soon_after(rng, since, 400 * edits) if edits else since)),
        "version": str(1 + edits),
        "kind": party.kind,
        **_names(rng, party, is_guest),
        "tax_id": _tax_id(party, is_guest),
        "status": party.status,
        "locale": "tr-TR",
        "contact_points": _contact_points(party, is_guest),
        "identifiers": _identifiers(party, is_guest),
        "attributes": _attributes(rng, party),
    }
    if party.born:
        record["birth_date"] = party.born.isoformat()
    return record


def _names(rng: Random, party: Party, is_guest: bool) -> Record:
    if party.kind == "organisation":
        return {"organisation_name": party.family}
    given, family = _respelled(rng, party.given, party.family) if is_guest else (party.given, party.family)
    return {"given_name": given, "family_name": family}


def _respelled(rng: Random, given: str, family: str) -> tuple[str, str]:
    spelling = rng.choice(_SPELLINGS)(given, family)
    return spelling if spelling != (given, family) else _doubled_letter(given, family)


def _without_turkish(given: str, family: str) -> tuple[str, str]:
    return to_ascii(given), to_ascii(family)


def _abbreviated(given: str, family: str) -> tuple[str, str]:
    first, _, rest = given.partition(" ")
    return (f"{first[0]}. {rest}", family) if rest else (given, to_ascii(family))


def _doubled_letter(given: str, family: str) -> tuple[str, str]:
    return given, f"{family[:-1]}{family[-1] * 2}"


def _swapped_letters(given: str, family: str) -> tuple[str, str]:
    return given, f"{family[:-2]}{family[-1]}{family[-2]}"


_SPELLINGS: tuple[Callable[[str, str], tuple[str, str]], ...] = (
    _without_turkish,
    _abbreviated,
    _doubled_letter,
    _swapped_letters,
)


def _tax_id(party: Party, is_guest: bool) -> str | None:
    if party.kind == "organisation":
        return tax_number(party.index)
    is_known = party.is_cem or (party.index % 4 == 0 if is_guest else party.index % 9 < 4)
    return identity_number(party.index) if is_known else None


def _contact_points(party: Party, is_guest: bool) -> list[Record]:
    points: list[Record] = []
    if party.is_cem or party.index % 10 < (4 if is_guest else 7):
        points.append({"kind": "email", "value": email_of(party), "primary": True})
    if not is_guest or party.index % 3:
        points.append({"kind": "phone", "value": mobile_number(party.index), "primary": True})
    points.append({"kind": "address", "primary": True, "address": _address(party, is_guest)})
    return points


def email_of(party: Party) -> str:
    """The party's e-mail address, on a domain kept for examples (RFC 2606)."""
    if party.is_cem:
        return "cem@example.com"
    words = to_ascii(f"{party.given} {party.family}").lower().replace(".", "").split()
    return f"{'.'.join(words)}{party.index}@example.{'com' if party.index % 2 else 'org'}"


def _address(party: Party, is_guest: bool) -> Record:
    city = CITIES[party.city]
    neighbourhood = NEIGHBOURHOODS[party.index * 7 % len(NEIGHBOURHOODS)]
    street = STREETS[party.index * 13 % len(STREETS)]
    quarter, road = ("Mahallesi", "Sokağı") if is_guest else ("Mah.", "Sok.")
    return {
        "line1": f"{neighbourhood} {quarter} {street} {road} No: {1 + party.index % 97}",
        "line2": f"Daire {1 + party.index % 12}" if party.index % 3 else None,
        "district": party.district,
        "city": city.name,
        "region": city.region,
        "postal_code": f"{city.plate:02d}{100 + 10 * (party.index % 40):03d}",
        "country": "TR",
    }


def _identifiers(party: Party, is_guest: bool) -> list[Record]:
    has_card = party.index % 5 == 0 and not (is_guest and party.index % 2)
    return [{"system": "loyalty_card", "value": f"KRT-{1000 + party.index:07d}"}] if has_card else []


def _attributes(rng: Random, party: Party) -> Record:
    attributes: Record = {"customer_since": party.since.isoformat()}
    if party.kind == "organisation":
        return attributes | {"fleet_size": rng.randint(3, 120)}
    attributes["honorific"] = party.honorific
    if party.body_type:
        attributes |= {"body_type": party.body_type, "fuel": rng.choice(_FUELS)}
    return attributes
