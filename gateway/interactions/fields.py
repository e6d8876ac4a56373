"""Which fields of an interaction a caller may see and write: columns are decided here, once, for every way out."""

from __future__ import annotations

from typing import Any

from gateway.channels import Caller, Channel
from schemas.interaction import Interaction, PublicInteraction

_INTERNAL = tuple(Interaction._declared_fields)
_PUBLIC = tuple(PublicInteraction._declared_fields)
_PATCHED = frozenset(_INTERNAL) - {"id", "partner", "version", "created_at", "updated_at", "customer_id"}
_OF_CUSTOMER = frozenset(
    {"channel", "kind", "direction", "occurred_at", "subject", "body", "satisfaction", "attributes"}
)


def visible_fields(channel: Channel, granted: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The fields shown on a channel; no agreement grants a partner what something cost us."""
    return _INTERNAL if channel in (Channel.INTRANET, Channel.SYSTEM) else _PUBLIC


def seen_by(caller: Caller) -> tuple[str, ...]:
    """The fields a caller may see."""
    return visible_fields(caller.channel, caller.granted_fields)


def written_by(caller: Caller) -> frozenset[str]:
    """The fields a caller may give a new interaction."""
    return (_OF_CUSTOMER if caller.channel is Channel.INTERNET else _PATCHED) | {"customer_id"}


def changed_by(caller: Caller) -> frozenset[str]:
    """The fields a caller may change later."""
    return _PATCHED


def narrow(record: dict[str, Any], channel: Channel, granted: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A whole record in wire form, cut to what a channel may see, its product lines too."""
    names = visible_fields(channel, granted)
    shown = {name: record[name] for name in names if name in record}
    if names is _PUBLIC and shown.get("products"):
        shown["products"] = without_cost(shown["products"])
    return shown


def without_cost(products: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Product lines without what they cost us."""
    return [{name: value for name, value in line.items() if name != "unit_cost"} for line in products]
