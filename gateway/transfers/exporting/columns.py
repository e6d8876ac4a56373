"""A customer as a row of cells: named as an import maps them, so that what went out can come in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from gateway.transfers.importing.targets import ADDRESS_PARTS

Record = dict[str, Any]
Cells = Callable[[Record], list[Any]]
_EMAILS, _PHONES = 2, 3
_JSON = ("identifiers", "attributes")


def columns_of(names: Sequence[str]) -> list[str]:
    """The columns for these fields of a customer; contact points take several, the primary ones first."""
    return [column for name in names for column in (_POINT_COLUMNS if name == "contact_points" else (name,))]


def row_of(names: Sequence[str]) -> Cells:
    """A function from a record to its cells."""
    return lambda record: [cell for name in names for cell in _cells(name, record[name])]


_POINT_COLUMNS = (
    *("email", *(f"email {number}" for number in range(2, _EMAILS + 1))),
    *("phone", *(f"phone {number}" for number in range(2, _PHONES + 1))),
    *(f"address.{part}" for part in ADDRESS_PARTS),
)


def _cells(name: str, value: Any) -> Iterator[Any]:
    if name == "contact_points":
        yield from _values(value, "email", _EMAILS)
        yield from _values(value, "phone", _PHONES)
        address = next((point["address"] for point in _of_kind(value, "address")), None) or {}
        yield from (address.get(part) for part in ADDRESS_PARTS)
    elif name in _JSON:
        yield orjson.dumps(value).decode() if value else None
    else:
        yield value if value is None or isinstance(value, str | int) else _text(value)


def _values(points: list[Record], kind: str, count: int) -> list[Any]:
    values = [point["value"] for point in _of_kind(points, kind)][:count]
    return values + [None] * (count - len(values))


def _of_kind(points: list[Record], kind: str) -> list[Record]:
    return sorted((each for each in points if each["kind"] == kind), key=lambda point: not point["primary"])


def _text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
