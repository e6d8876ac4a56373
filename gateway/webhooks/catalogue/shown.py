"""One type of event as a view is sent it: its name, what it means, the JSON Schema of its data, an example."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from apispec import APISpec

from gateway.openapi import Shapes, Told, component
from gateway.webhooks.catalogue.json_schema import DIALECT, placed
from gateway.webhooks.catalogue.models import RegisteredType
from gateway.webhooks.rendering import View, narrow, shown_fields
from schemas.event_catalogue import EventType

_EXAMPLE_ID, _EXAMPLE_MOMENT = "01936f2d-5b7a-7c3e-a1f0-9d8c7b6a5940", "2026-03-02T09:15:00Z"


def of_ours(event_type: EventType, view: View) -> dict[str, Any]:
    """A type of ours."""
    return {
        "name": event_type.name,
        "version": event_type.version,
        "description": event_type.description,
        "schema": schema_of(event_type, view),
        "example": narrow(event_type, dict(event_type.example), view),
        "deprecated": False,
        "registered": False,
        "channels": list(event_type.channels),
    }


def of_registered(registered: RegisteredType) -> dict[str, Any]:
    """A type of the house's own."""
    return {
        "name": registered.name,
        "version": registered.version,
        "description": registered.description,
        "schema": registered.schema,
        "example": registered.example,
        "deprecated": registered.is_archived,
        "registered": True,
        "channels": registered.channels,
    }


def for_document(event_type: EventType, view: View) -> Told:
    """A type of ours as a channel's OpenAPI document needs it."""
    example = _message(event_type.name, narrow(event_type, dict(event_type.example), view))
    return Told(event_type.name, event_type.description, event_type.shape_on(view.channel), example)


def registered_for_document(registered: RegisteredType) -> Told:
    """A type of the house's own as the same document needs it."""
    name = registered.name
    shape = placed(registered.schema, component(name))
    return Told(name, registered.description, shape, _message(name, registered.example), registered.is_archived)


def _message(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"id": _EXAMPLE_ID, "type": name, "occurred_at": _EXAMPLE_MOMENT, "data": data}


@lru_cache(maxsize=256)
def schema_of(event_type: EventType, view: View) -> dict[str, Any]:
    """The JSON Schema of a type's data, with what the view does not show left out and nested shapes inside it."""
    plugin = Shapes(schema_name_resolver=lambda shape: "")
    APISpec("", "", "3.1.0", plugins=[plugin])
    shape = event_type.shape_on(view.channel)(only=shown_fields(event_type, view))
    assert plugin.converter is not None  # noqa: S101  # made by the line above
    described: dict[str, Any] = plugin.converter.schema2jsonschema(shape)  # type: ignore[no-untyped-call]
    return {"$schema": DIALECT, **described}
