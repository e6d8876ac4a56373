"""What a column can be mapped to, and how its cell gets into a record.

Targets are the fields of a customer, `full_name`, `email`, `phone`, `address.<part>`, `identifier.<system>` and
`attribute.<name>`. An empty cell says nothing: an import adds and changes, it never empties.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from gateway.errors import Problem
from gateway.json_body import parse_json
from gateway.turkish import fold

ADDRESS_PARTS = ("line1", "line2", "district", "city", "region", "postal_code", "country")
_TEXTS = ("given_name", "family_name", "organisation_name", "tax_id", "locale", "owner", "internal_note")
_LISTS = ("contact_points", "identifiers", "attributes")
_NEEDS = {"full_name": "given_name", "email": "contact_points", "phone": "contact_points"}
_PREFIXED = {"address": "contact_points", "identifier": "identifiers", "attribute": "attributes"}
_DAY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})(?: 00:00(?::00)?)?")
_MOST_NAME = 64
_WORDS = {
    "kind": {
        "person": ("person", "bireysel", "sahis", "gercek", "gercek kisi", "kisi", "individual", "b2c"),
        "organisation": ("organisation", "organization", "kurumsal", "tuzel", "tuzel kisi", "sirket", "firma",
                         "kurum", "company", "b2b"),
    },
    "status": {
        "active": ("active", "aktif", "etkin"),
        "inactive": ("inactive", "pasif", "edilgen"),
        "prospect": ("prospect", "aday", "potansiyel", "lead"),
    },
}  # fmt: skip
_MEANT = {field: {word: value for value, words in each.items() for word in words} for field, each in _WORDS.items()}


class Row:
    """A row on its way to a record: the record so far, and which column each contact point came from."""

    __slots__ = ("address", "address_column", "data", "places")

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}
        self.places: dict[str, int] = {}
        self.address: dict[str, Any] = {}
        self.address_column = 0

    def items(self, field: str) -> list[Any]:
        """The items of a list so far; none where another column says that it is no list, which is refused later."""
        said = self.data.get(field)
        return said if isinstance(said, list) else []

    def add(self, field: str, item: dict[str, Any], column: int) -> None:
        """One more item of a list, and where it came from."""
        said = self.data.setdefault(field, [])
        if isinstance(said, list):
            self.places[f"/{field}/{len(said)}"] = column
            said.append(item)


Put = Callable[[Row, int, Any], None]


def is_target(target: str, writable: frozenset[str] | None) -> bool:
    """Whether a column may be mapped to this, by somebody who may write these fields; None stands for all."""
    needed = field_of(target)
    return needed is not None and (writable is None or needed in writable)


def is_repeatable(target: str) -> bool:
    """Whether several columns may be mapped to this."""
    return target in ("email", "phone") or target.startswith("identifier.")


def field_of(target: str) -> str | None:
    """The field of a customer that a target writes; None where there is no such target."""
    if target in _NEEDS:
        return _NEEDS[target]
    if target in (*_TEXTS, *_LISTS, "birth_date", *_MEANT):
        return target
    prefix, _, name = target.partition(".")
    if not 0 < len(name) <= _MOST_NAME or (prefix == "address" and name not in ADDRESS_PARTS):
        return None
    return _PREFIXED.get(prefix)


def putter(target: str) -> Put:
    """What puts the cell of a mapped column into a row."""
    prefix, _, name = target.partition(".")
    if prefix in _BY_PREFIX:
        return _BY_PREFIX[prefix](name)
    return _SPECIAL.get(target) or _text(target)


def _text(field: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        row.data[field] = _plain(cell)
        row.places[f"/{field}"] = column

    return put


def _chosen(field: str) -> Put:
    meant = _MEANT[field]

    def put(row: Row, column: int, cell: Any) -> None:
        word = _plain(cell)
        row.data[field] = meant.get(fold(word), word) if isinstance(word, str) else word
        row.places[f"/{field}"] = column

    return put


def _birth_date(row: Row, column: int, cell: Any) -> None:
    row.data["birth_date"] = _day(cell) if isinstance(cell, str) else cell
    row.places["/birth_date"] = column


def _day(said: str) -> str:
    """A day as it is written here, or in Turkey (17.05.1980)."""
    found = _DAY.fullmatch(said)
    if found is None:
        return said
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return said


def _full_name(row: Row, column: int, cell: Any) -> None:
    names = str(cell).split()
    if len(names) > 1:
        row.data.setdefault("family_name", names.pop())
    row.data.setdefault("given_name", " ".join(names))
    row.places["/given_name"] = row.places["/family_name"] = column


def _contact(kind: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        is_first = all(not isinstance(each, dict) or each.get("kind") != kind for each in row.items("contact_points"))
        row.add("contact_points", {"kind": kind, "value": _plain(cell), "primary": is_first}, column)

    return put


def _address(part: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        row.address[part] = _plain(cell)
        row.address_column = row.address_column or column

    return put


def _identifier(system: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        row.add("identifiers", {"system": system, "value": _plain(cell)}, column)

    return put


def _attribute(name: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        said = row.data.setdefault("attributes", {})
        if isinstance(said, dict):
            said[name] = cell
        row.places[f"/attributes/{name}"] = column

    return put


def _whole(field: str) -> Put:
    def put(row: Row, column: int, cell: Any) -> None:
        if isinstance(cell, str) and cell[0] in "[{":
            cell = _parsed(cell)
        if isinstance(cell, list) and isinstance(row.data.get(field), list):
            row.data[field] += cell
        elif isinstance(cell, dict) and isinstance(row.data.get(field), dict):
            row.data[field] |= cell
        else:
            row.data[field] = cell
        row.places[f"/{field}"] = column

    return put


def _parsed(cell: str) -> Any:
    """What a table holds as JSON, as our own exports do; anything else is left for the field to refuse."""
    try:
        return parse_json(cell.encode())
    except Problem:
        return cell


def _plain(cell: Any) -> Any:
    """A number where text is wanted as its text, as spreadsheets and other programs write phones."""
    return str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


_BY_PREFIX: dict[str, Callable[[str], Put]] = {
    "address": _address, "identifier": _identifier, "attribute": _attribute,
}  # fmt: skip
_SPECIAL: dict[str, Put] = {
    "birth_date": _birth_date, "full_name": _full_name, "email": _contact("email"), "phone": _contact("phone"),
    **{field: _chosen(field) for field in _MEANT}, **{field: _whole(field) for field in _LISTS},
}  # fmt: skip
