"""Which fields of a customer a caller may see and write: columns are decided here, once, for every way out."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from gateway.channels import Caller, Channel
from gateway.customers.attributes import known
from gateway.customers.attributes.rules import Side
from gateway.db import Transaction
from schemas.customer import Customer
from schemas.partner import GRANTABLE_FIELDS

ALL = tuple(Customer._declared_fields)
INTERNAL = frozenset({"owner", "internal_note"})
BY_AGREEMENT = frozenset(GRANTABLE_FIELDS)
_OF_CUSTOMER = frozenset(
    {"given_name", "family_name", "organisation_name", "locale", "contact_points", "birth_date", "attributes"}
)
_PART = "attributes."
_READ_ONLY = frozenset({"id", "version", "created_at", "updated_at", "display_name"})


@lru_cache(maxsize=256)
def visible_fields(channel: Channel, granted: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The fields shown on a channel, with those a partner's agreement grants, in the order of the schema."""
    hidden: frozenset[str] = frozenset()
    if channel is Channel.EXTRANET:
        hidden = INTERNAL | (BY_AGREEMENT - granted)
    elif channel is Channel.INTERNET:
        hidden = INTERNAL
    return tuple(name for name in ALL if name not in hidden)


@lru_cache(maxsize=256)
def _writable(channel: Channel, granted: frozenset[str]) -> frozenset[str]:
    visible = frozenset(visible_fields(channel, granted)) - _READ_ONLY
    return visible & _OF_CUSTOMER if channel is Channel.INTERNET else visible


def writable_by(caller: Caller) -> frozenset[str]:
    """The fields a caller may write; any other is refused like one that does not exist."""
    return _writable(caller.channel, caller.granted_fields)


def seen_by(caller: Caller) -> tuple[str, ...]:
    """The fields a caller may see."""
    return visible_fields(caller.channel, caller.granted_fields)


def side_of(caller: Caller) -> Side:
    """What decides about a caller's attributes."""
    return Side(caller.channel, caller.granted_fields)


def hidden_from(tx: Transaction, side: Side) -> frozenset[str]:
    """The attributes that are not shown on a side."""
    return known.present(tx).hidden_from(side)


def cut(record: dict[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """A record without some of its attributes."""
    if not hidden or hidden.isdisjoint(record.get("attributes") or ()):
        return record
    return record | {"attributes": {name: value for name, value in record["attributes"].items() if name not in hidden}}


def narrow(
    record: dict[str, Any], channel: Channel, granted: frozenset[str], hidden: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """A whole record in wire form, cut to what a channel and an agreement may see; `hidden` are attributes."""
    return cut({name: record[name] for name in visible_fields(channel, granted) if name in record}, hidden)


def seen_among(changed: Iterable[str], channel: Channel, granted: frozenset[str], hidden: frozenset[str]) -> set[str]:
    """Those of the fields an event says have changed that may be seen; attributes count where one of theirs may be."""
    names = set(changed)
    attributes = {name.removeprefix(_PART) for name in names if name.startswith(_PART)}
    if attributes and attributes <= hidden:
        names.discard("attributes")
    return names.intersection(visible_fields(channel, granted))
