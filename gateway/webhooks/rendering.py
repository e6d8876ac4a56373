"""What an event says to whom: its record cut to the columns of a channel and an agreement, as a full or thin body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from gateway.channels import Channel
from gateway.customers import fields as customers
from gateway.customers.attributes.rules import Side
from gateway.db import Transaction
from gateway.interactions import fields as interactions
from gateway.outbox import StoredEvent
from schemas.event_catalogue import EVENT_TYPES, EventType
from schemas.partner import GRANTABLE_FIELDS

_UNCHANGING = frozenset({"version", "updated_at"})  # every edit changes these: they say nothing about what was edited

_VISIBLE: dict[str, Callable[[Channel, frozenset[str]], tuple[str, ...]]] = {
    "customer": customers.visible_fields,
    "interaction": interactions.visible_fields,
}
_NARROW: dict[str, Callable[[dict[str, Any], Channel, frozenset[str], frozenset[str]], dict[str, Any]]] = {
    "customer": customers.narrow,
    "interaction": lambda record, channel, granted, _: interactions.narrow(record, channel, granted),
}


class View(NamedTuple):
    """What decides the columns; whoever shares a view is told the same. `hidden` are attributes of customers."""

    channel: Channel
    granted: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def view_of(tx: Transaction, channel: Channel, granted: frozenset[str]) -> View:
    """The view of a channel and an agreement as it is now."""
    return View(channel, granted, customers.hidden_from(tx, Side(channel, granted)))


def data_of(event: StoredEvent, view: View) -> dict[str, Any] | None:
    """The event's `data` in a view, or None where the change touches nothing it shows.

    A type of the house's own is told as it was published; who hears of it was decided then.
    """
    event_type = EVENT_TYPES.get(event.type)
    if event_type is None:
        return event.record
    if view.channel not in event_type.channels or not _is_news(event, event_type.noun, view):
        return None
    return narrow(event_type, event.record, view)


def narrow(event_type: EventType, record: dict[str, Any], view: View) -> dict[str, Any]:
    """A whole record cut to what a type tells of it and a view shows."""
    told = event_type.shape_on(view.channel)._declared_fields
    cut = _NARROW.get(event_type.noun)
    shown = record if cut is None else cut(record, *view)
    beside = {name: record[name] for name in event_type.beside if name in record}
    return {name: value for name, value in shown.items() if name in told} | beside


def shown_fields(event_type: EventType, view: View) -> tuple[str, ...]:
    """The names of the fields that `narrow` can leave."""
    told = event_type.shape_on(view.channel)._declared_fields
    visible = _VISIBLE.get(event_type.noun)
    if visible is None:
        return tuple(told)
    return (*(name for name in visible(view.channel, view.granted) if name in told), *event_type.beside)


def thin(event: StoredEvent, data: dict[str, Any], channel: Channel) -> dict[str, Any]:
    """Which record it is about and where to read it, for those who would rather ask than be told."""
    told: dict[str, Any] = {"id": event.resource_id, "customer_id": event.customer_id, "version": data.get("version")}
    event_type = EVENT_TYPES.get(event.type)
    if event_type is not None and event_type.path is not None:
        told["url"] = f"/{channel.value}/v1{event_type.path.format(id=event.resource_id)}"
    if event_type is not None:
        told |= {name: data[name] for name in event_type.beside if name in data}
    return {name: value for name, value in told.items() if value is not None}


def message(event: StoredEvent, data: dict[str, Any]) -> dict[str, Any]:
    """What is sent: the event's id, type and moment, and its data."""
    return {"id": event.id, "type": event.type, "occurred_at": event.occurred_at, "data": data}


def body_of(event: StoredEvent, data: dict[str, Any]) -> str:
    """The same as text, made once and for all: these very characters are signed and sent."""
    return orjson.dumps(message(event, data), option=orjson.OPT_UTC_Z).decode()


def still_shown(payload: str, granted: Sequence[str] | None, hidden: frozenset[str] = frozenset()) -> str:
    """A body made earlier, without what its owner's agreement has ceased to grant since; None stands for no partner.

    `hidden` are the attributes that the owner may not see now.
    """
    grantable = () if granted is None else GRANTABLE_FIELDS
    withdrawn = [name for name in grantable if name not in (granted or ()) and f'"{name}":' in payload]
    if not withdrawn and not any(f'"{name}":' in payload for name in hidden):
        return payload
    body = orjson.loads(payload)
    kept = {name: value for name, value in body["data"].items() if name not in withdrawn}
    body["data"] = customers.cut(kept, hidden) if _is_of_customer(body["type"]) else kept
    return orjson.dumps(body).decode()


def _is_of_customer(name: str) -> bool:
    event_type = EVENT_TYPES.get(name)
    return event_type is not None and event_type.noun == "customer"


def _is_news(event: StoredEvent, noun: str, view: View) -> bool:
    # A changed part of a field, such as products.unit_cost, is no field of any view: it is for the inside alone.
    if not event.changed or view.channel is Channel.INTRANET or noun not in _VISIBLE:
        return True
    touched = set(event.changed) - _UNCHANGING
    if noun == "customer":
        return bool(customers.seen_among(touched, *view))
    return not touched.isdisjoint(_VISIBLE[noun](view.channel, view.granted))
