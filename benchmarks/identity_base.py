"""A generated Turkish base of people and companies in which it is known who is the same: made from one seed.

Written from what such bases look like, not from what the matcher knows; its tables are in `identity_names`.

- 92 of 100 are people, in households of one to four (55, 25, 12, 8 of 100) with one address; partners bear one family
  name in 93 of 100 cases. In households of two and more: 4 of 100 are father and son of one name, 4 are twins, and in
  10 both partners have one phone and one e-mail address. Names and towns by rank as in the published statistics; a
  quarter of the surnames are rare ones; 6 of 100 people have two given names.
- 8 of 100 are companies; every eighth has a sister of the same first word at one address, half of them with one phone.
- Known: birth date 88, tax id 50 (companies 80), e-mail 65, phone 88, address 92 of 100.
- A tenth of the records are further records of somebody who is there already, written by somebody else: other marks
  for street and number, and 0 to 3 of the errors of a `Errors`, drawn by its weights.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from benchmarks.identity_errors import USUAL, Errors, again, damaged
from benchmarks.identity_people import Home, Party, units

SHARE_OF_DUPLICATES = 0.1


def population(count: int, seed: int, errors: Errors = USUAL) -> list[Party]:
    """`count` records in random order, a tenth of them of somebody who is there already."""
    chance = Random(seed)
    originals: list[Party] = []
    wanted = round(count * (1 - SHARE_OF_DUPLICATES))
    for unit in units(chance):
        originals += [replace(each, truth=len(originals) + place) for place, each in enumerate(unit)]
        if len(originals) >= wanted:
            break
    further = [again(chance, chance.choice(originals), errors) for _ in range(count - len(originals))]
    everyone = originals + further
    chance.shuffle(everyone)
    return everyone


def stored(party: Party, chance: Random, number: int, *, has_ids: bool = True) -> dict[str, Any]:
    """The columns of a customer that matching reads; without ids there is no tax id, e-mail or phone."""
    given = {"email": party.email, "phone": party.phone} if has_ids else {}
    points = [{"kind": kind, "value": value, "address": None} for kind, value in given.items() if value]
    if party.home is not None:
        points.append(_written(party.home, chance, party.marks))
    return {
        "kind": "person" if party.is_person else "organisation",
        "given_name": party.given or None,
        "family_name": party.family or None,
        "organisation_name": party.name or None,
        "birth_date": party.born,
        "tax_id": party.tax_id if has_ids else None,
        "contact_points": points,
        "identifiers": [{"system": f"dealer-{number % 7}", "value": f"C-{number}"}],
    }


_STYLES = (
    "{quarter} Mah. {street} Sok. No:{number}/{door}",
    "{quarter} Mahallesi {street} Sokak No: {number} Daire: {door}",
    "{quarter} mh. {street} sk. {number}/{door}",
    "{street} Sokağı No {number} D:{door} {quarter} Mah.",
    "{quarter} Mah. {street} Sk. No:{number} K:2 D:{door}",
)


def _written(home: Home, chance: Random, marks: frozenset[str]) -> dict[str, Any]:
    line = chance.choice(_STYLES).format(quarter=home.quarter, street=home.street, number=home.number, door=home.door)
    if "encoding" in marks:
        line = damaged(line, chance)
    if "one_line" in marks:
        value = f"{line} {home.district} / {home.city}"
        return {"kind": "address", "value": value, "address": None}
    parts = {"line1": line, "line2": None, "district": home.district, "city": home.city, "region": None}
    return {"kind": "address", "value": line, "address": {**parts, "postal_code": home.postal, "country": "TR"}}
