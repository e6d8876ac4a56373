"""A partner's word about a customer in the hub's form: compared with ours, and written where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.bulk import Changed
from gateway.customers import shape
from gateway.customers.bulk import BLANK, WRITABLE
from gateway.customers.service import check_size
from gateway.customers.sources import trace
from gateway.db import new_id
from gateway.provenance import Source

Row = dict[str, Any]
_FLAGS = ("primary", "verified_at", "valid_from", "valid_until")


def words(loaded: Mapping[str, Any]) -> Row:
    """Loaded fields of a `CustomerRecord` as they would be stored; raises Invalid with pointers.

    A contact point has no `id`, and of its flags only those that the partner spoke of.
    """
    said: Row = {
        name: BLANK.get(name) if value is None else value for name, value in loaded.items() if name in WRITABLE
    }
    stored = shape.normalise(said)
    if "contact_points" in stored:
        pairs = zip(said["contact_points"], stored["contact_points"], strict=True)
        stored["contact_points"] = [_spoken(raw, point) for raw, point in pairs]
    return stored


def ours(row: Row) -> Row:
    """A stored row in the form of `words`."""
    return {name: row[name] for name in WRITABLE}


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say the same, whatever their order or what only one of them speaks of."""
    if name == "contact_points":
        return _agree(one, other)
    if name == "identifiers":
        return {key(name, each) for each in one} == {key(name, each) for each in other}
    return bool(one == other)


def key(name: str, item: Row) -> tuple[Any, ...]:
    """What makes two items of a list the same one."""
    if name == "identifiers":
        return item["system"], item["value"]
    address = item["address"]
    return item["kind"], item["value"], tuple(sorted(address.items())) if address else None


def change(before: Row, values: Row, source: Source) -> Changed | None:
    """A row with `values` by path in it, in their source's name; None when nothing changes. Raises Invalid."""
    written = {path: value for path, value in values.items() if "/" not in path}
    keys = {path.partition("/")[2]: value for path, value in values.items() if "/" in path}
    if keys:
        written["attributes"] = with_keys(before["attributes"], keys)
    if "contact_points" in written:
        written["contact_points"] = _identified(before["contact_points"], written["contact_points"])
    after = shape.complete({**before, **written})
    fields = tuple(name for name in (*written, "display_name") if after[name] != before[name])
    if not fields:
        return None
    return Changed(before, after | {"sources": trace(before, after, fields, source)}, fields)


def with_keys(attributes: Row, keys: Row) -> Row:
    """Attributes with some set anew, those that are None removed; raises Invalid when they grow too large."""
    merged = {name: value for name, value in {**attributes, **keys}.items() if value is not None}
    return check_size(merged)


def _spoken(raw: Row, point: Row) -> Row:
    return {name: value for name, value in point.items() if name in ("kind", "value", "address") or name in raw}


def _agree(one: list[Row], other: list[Row]) -> bool:
    mine, theirs = ({key("contact_points", point): point for point in points} for points in (one, other))
    return mine.keys() == theirs.keys() and all(
        mine[each][flag] == theirs[each][flag]
        for each in mine
        for flag in _FLAGS
        if flag in mine[each] and flag in theirs[each]
    )


def _identified(before: list[Row], points: list[Row]) -> list[Row]:
    """A contact point that stays the same keeps its id, and whatever nothing was said about."""
    known = {key("contact_points", point): point for point in before}
    return [_complete(point, known.pop(key("contact_points", point), None)) for point in points]


def _complete(point: Row, old: Row | None) -> Row:
    blank = {"id": str(new_id()), "primary": False, **dict.fromkeys(_FLAGS[1:])}
    return {**(old or blank), **point, "id": old["id"] if old else blank["id"]}
