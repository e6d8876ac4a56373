"""Which paths of a customer changed, for their source to be noted: items of lists and attributes each by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.provenance import Source, Sources, noted

Row = dict[str, Any]
_DERIVED = ("display_name",)


def trace(before: Row, after: Row, fields: Iterable[str], source: Source) -> Sources:
    """The sources of a customer whose `fields` changed."""
    changed: list[str] = []
    gone: list[str] = []
    for name in fields:
        if name in _ITEMS:
            old, new = items_of(name, before[name]), items_of(name, after[name])
            changed += [path for path, item in new.items() if old.get(path) != item]
            gone += old.keys() - new.keys()
        elif name not in _DERIVED:
            changed.append(name)
    return noted(before["sources"], changed, source, gone)


def parts(before: Row, after: Row, fields: Iterable[str]) -> list[str]:
    """Which attributes changed, as an event names them beside its fields: `attributes.<name>`."""
    if "attributes" not in fields:
        return []
    old, new = before["attributes"], after["attributes"]
    return [f"attributes.{name}" for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def items_of(name: str, value: Any) -> dict[str, Any]:
    """The items of a list or of the attributes, by path."""
    return {f"{name}/{key}": item for key, item in _ITEMS[name](value)}


def _points(points: list[Row]) -> Iterable[tuple[str, Row]]:
    return ((point["id"], point) for point in points)


def _identifiers(identifiers: list[Row]) -> Iterable[tuple[str, Row]]:
    return ((f"{each['system']}:{each['value']}", each) for each in identifiers)


_ITEMS: dict[str, Any] = {
    "contact_points": _points,
    "identifiers": _identifiers,
    "attributes": lambda attributes: attributes.items(),
}
