"""An address as it is compared: province, district, street, house and door, whatever stands in which field."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.identity.reading import places
from gateway.identity.reading.repair import letters, repair
from gateway.turkish import fold

# What kind of way or quarter it is says little, and everybody shortens it differently.
_KINDS = {
    "mah": "mah", "mahalle": "mah", "mahallesi": "mah", "mh": "mah", "mahal": "mah", "koy": "mah", "koyu": "mah",
    "cad": "way", "cadde": "way", "caddesi": "way", "cd": "way", "sok": "way", "sokak": "way", "sokagi": "way",
    "sk": "way", "so": "way", "bulv": "way", "bulvar": "way", "bulvari": "way", "blv": "way", "blvd": "way",
    "bul": "way", "street": "way", "st": "way", "str": "way", "strasse": "way", "road": "way", "rd": "way",
    "avenue": "way", "ave": "way", "rue": "way", "yolu": "way", "cikmazi": "way", "cik": "way",
    "apt": "house", "apartman": "house", "apartmani": "house", "ap": "house", "site": "house", "sitesi": "house",
    "sit": "house", "blok": "house", "blk": "house", "plaza": "house", "is": "house", "merkezi": "house",
    "no": "number", "numara": "number", "nr": "number", "n": "number", "kat": "floor", "k": "floor", "d": "door",
    "daire": "door", "dr": "door", "da": "door", "ic": "door", "kapi": "number",
}  # fmt: skip
_NUMBERED = re.compile(r"\b(no|numara|nr|kat|daire|kapi)\.?\s*[:.]?\s*(?=\d)")
_SLASHED = re.compile(r"(\d+)\s*/\s*([0-9]+|[a-z])\b")
_POSTAL = re.compile(r"\b\d{5}\b")
_TOKEN = re.compile(r"[a-z0-9?]+")


class Place(NamedTuple):
    """Folded parts of an address, each "" where it is not known; `street` are its telling words in their order."""

    city: str
    district: str
    street: str
    number: str
    door: str
    postal: str


def read_address(address: dict[str, Any] | None, value: str | None) -> Place:
    """What a contact point of kind address says, from its parts or, without them, from its one line."""
    get = (address or {}).get
    lines = " ".join(filter(None, (get("line1"), get("line2")))) or ("" if address and get("city") else value or "")
    return _read(lines, get("district") or "", get("city") or "", get("region") or "", get("postal_code") or "")


@lru_cache(maxsize=4096)
def _read(lines: str, district: str, city: str, region: str, postal: str) -> Place:
    plain = fold(repair(lines))
    code = "".join(filter(str.isdigit, postal))
    if not code and (found := _POSTAL.search(plain)):
        code, plain = found[0], plain.replace(found[0], " ")
    tokens = _TOKEN.findall(_SLASHED.sub(r"no \1 d \2", _NUMBERED.sub(r"\1 ", plain)))
    town, quarter = _town(_key(city) or _last_named(tokens, places.province), _key(district), _key(region), code)
    quarter = quarter or _last_named(tokens, lambda word: town in places.provinces_with(word))
    return Place(town, quarter, *_way([token for token in tokens if token not in (town, quarter)]), code)


def _key(name: str) -> str:
    return " ".join(letters(name))


def _town(city: str, district: str, region: str, code: str) -> tuple[str, str]:
    """Province and district, also where they are swapped, left out or only in the postal code."""
    home = places.province(city) or places.province(region) or places.province(district)
    if not home:
        home = places.province_of_postal_code(code) if not city or places.provinces_with(city) else ""
    if not home:
        homes = places.provinces_with(city)
        home = homes[0] if len(homes) == 1 else ""
    if not home:
        return city, district
    names = [name for name in (district, city, region) if name and places.province(name) != home]
    return home, next((name for name in names if home in places.provinces_with(name)), names[0] if names else "")


def _last_named(tokens: list[str], names: Callable[[str], object]) -> str:
    """The last word of a line that names a place; the first word is never one, for a street may bear its name."""
    return next((token for token in reversed(tokens[1:]) if not token.isdigit() and names(token)), "")


def _way(tokens: list[str]) -> tuple[str, str, str]:
    """The words that name quarter, street and house, the number of the house and that of the door."""
    named: list[str] = []
    number = door = expected = ""
    for token in tokens:
        kind = _KINDS.get(token, "")
        if kind in ("number", "floor", "door"):
            expected = kind
        elif kind in ("way", "mah", "house"):
            expected = ""
        elif expected and token[0].isdigit():
            number, door = (token, door) if expected == "number" else (number, token if expected == "door" else door)
            expected = ""
        else:
            named.append(token)
            expected = ""
    if not number and len(named) > 1 and named[-1].isdigit():
        number = named.pop()
    return " ".join(named), number, door
