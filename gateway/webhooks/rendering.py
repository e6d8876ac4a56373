"""What an event says to whom: its record cut to the columns of a channel and an agreement, as a full or thin body."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import orjson

from gateway.channels import Channel
from gateway.customers import fields as customers
from gateway.interactions import fields as interactions
from gateway.outbox import StoredEvent
from schemas.event_catalogue import EVENT_TYPES, EventType
from schemas.partner import GRANTABLE_FIELDS

_UNCHANGING = frozenset({"version", "updated_at"})  # every edit changes these: they say nothing about what was edited

_VISIBLE: dict[str, Callable[[Channel, frozenset[str]], tuple[str, ...]]] = {
    "customer": customers.visible_fields,
    "interaction": interactions.visible_fields,
}
_NARROW: dict[str, Callable[[dict[str, Any], Channel, frozenset[str]], dict[str, Any]]] = {
    "customer": customers.narrow,
    "interaction": interactions.narrow,
}


class View(NamedTuple):
    """What decides the columns; whoever shares a view is told the same."""

    channel: Channel
    granted: frozenset[str] = frozenset()


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
    shown = record if cut is None else cut(record, view.channel, view.granted)
    beside = {name: record[name] for name in event_type.beside if name in record}
    return {name: value for name, value in shown.items() if name in told} | beside


def shown_fields(event_type: EventType, view: View) -> tuple[str, ...]:
    """The names of the fields that `narrow` can leave."""
    told = event_type.shape_on(view.channel)._declared_fields
    visible = _VISIBLE.get(event_type.noun)
    if visible is None:
        return tuple(told)
    return (*(name for name in visible(*view) if name in told), *event_type.beside)


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


def still_shown(payload: str, granted: Sequence[str] | None) -> str:
    """A body made earlier, without what its owner's agreement has ceased to grant since; None stands for no partner."""
    if granted is None:
        return payload
    withdrawn = [name for name in GRANTABLE_FIELDS if name not in granted and f'"{name}":' in payload]
    if not withdrawn:
        return payload
    body = orjson.loads(payload)
    body["data"] = {name: value for name, value in body["data"].items() if name not in withdrawn}
    return orjson.dumps(body).decode()


def _is_news(event: StoredEvent, noun: str, view: View) -> bool:
    # A changed part of a field, such as products.unit_cost, is no field of any view: it is for the inside alone.
    if not event.changed or view.channel is Channel.INTRANET or noun not in _VISIBLE:
        return True
    return not (set(event.changed) - _UNCHANGING).isdisjoint(_VISIBLE[noun](*view))
