"""A partner's word about an interaction in the hub's form: compared with ours, and written where it holds."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateway.bulk import Changed
from gateway.customers.merging import with_keys
from gateway.customers.sources import trace
from gateway.interactions.bulk import WRITABLE, complete, spoken, stored
from gateway.interactions.service import changed_fields, wire_form
from gateway.provenance import Source

Row = dict[str, Any]
_MONEY = ("amount", "cost")
_NUMBERS = ("quantity", "unit_price", "unit_cost")


def words(loaded: Mapping[str, Any]) -> Row:
    """Loaded fields of an `InteractionRecord` as they would be stored, money as one value; raises Invalid.

    A product line has only what the partner spoke of; an empty `occurred_at` says nothing.
    """
    said = spoken(loaded)
    row = stored(said)
    fields = {name: _money(row, name) if name in _MONEY else row[name] for name in said}
    if "products" in fields:
        pairs = zip(said["products"], row["products"], strict=True)
        fields["products"] = [{name: value for name, value in line.items() if name in raw} for raw, line in pairs]
    return {name: value for name, value in fields.items() if (name, value) != ("occurred_at", None)}


def ours(row: Row) -> Row:
    """A stored row in the form of `words`."""
    plain = {name: row[name] for name in WRITABLE if name not in _MONEY}
    return plain | {name: _money(row, name) for name in _MONEY} | {"customer_id": row["customer_id"]}


def same(name: str, one: Any, other: Any) -> bool:
    """Whether two values of a field say the same; of product lines, what both speak of."""
    if name == "products":
        return len(one) == len(other) and all(map(_same_line, one, other))
    return bool(one == other)


def change(before: Row, values: Row, source: Source) -> Changed | None:
    """A row with `values` by path in it, in their source's name; None when nothing changes. Raises Invalid."""
    written = {path: value for path, value in values.items() if "/" not in path}
    keys = {path.partition("/")[2]: value for path, value in values.items() if "/" in path}
    if keys:
        written["attributes"] = with_keys(before["attributes"], keys)
    if "products" in written:
        written["products"] = _with_costs(before["products"], written["products"])
    after = complete({**before, **stored(written)})
    fields = tuple(changed_fields(wire_form(before), wire_form(after)))
    if not fields:
        return None
    return Changed(before, after | {"sources": trace(before, after, fields, source)}, fields)


def _money(row: Row, name: str) -> Row | None:
    value = row[f"{name}_value"]
    return None if value is None else {"value": value, "currency": row[f"{name}_currency"]}


def _same_line(one: Row, other: Row) -> bool:
    return all(_number(name, one[name]) == _number(name, other[name]) for name in one.keys() & other.keys())


def _number(name: str, value: Any) -> Any:
    return Decimal(value) if name in _NUMBERS and value is not None else value


def _with_costs(before: list[Row], lines: list[Row]) -> list[Row]:
    """What a line cost us stays with it where the partner says nothing about it."""
    costs = {(line["sku"], line["name"]): line.get("unit_cost") for line in before}
    return [{"unit_cost": costs.get((line.get("sku"), line.get("name"))), **line} for line in lines]
