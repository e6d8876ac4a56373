"""Whether every event that was stored is one the catalogue describes, as each channel is sent it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import RAISE, ValidationError

from gateway.channels import Channel
from gateway.customers.fields import BY_AGREEMENT
from gateway.validation import schema_of
from gateway.webhooks.rendering import View, narrow, shown_fields
from schemas.event_catalogue import EVENT_TYPES, CustomerEnd, EventType, InteractionEnd
from tests.emptying import kept

_STORED = """
    SELECT e.type, e.record FROM events e WHERE NOT EXISTS (SELECT 1 FROM event_types t WHERE t.name = e.type)
"""


def undescribed(database_url: str) -> list[str]:
    """What is wrong with the events of a database: a type nobody described, or data its shape does not have."""
    stored = kept(database_url).execute(_STORED)
    return [fault for event_type, record in stored for fault in faults(event_type, record)]


def faults(name: str, record: dict[str, Any]) -> Iterator[str]:
    """The same of one event."""
    event_type = EVENT_TYPES.get(name)
    if event_type is None:
        yield f"{name} is in no catalogue"
        return
    if extra := _left_out(event_type, record):
        yield f"{name} holds {extra}, which its shape has not"
    for channel in map(Channel, event_type.channels):
        view = View(channel, BY_AGREEMENT if channel is Channel.EXTRANET else frozenset())
        shape = schema_of(event_type.shape_on(channel), frozenset(shown_fields(event_type, view)))
        try:
            shape.load(narrow(event_type, record, view), unknown=RAISE)
        except ValidationError as invalid:
            yield f"{name} on {channel}: {invalid.messages}"


def _left_out(event_type: EventType, record: dict[str, Any]) -> list[str]:
    """Of an end little is told on purpose; anything else is described whole."""
    is_end = event_type.shape in (CustomerEnd, InteractionEnd)
    return [] if is_end else sorted(record.keys() - event_type.shape._declared_fields.keys())
