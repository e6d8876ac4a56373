"""The catalogue as a channel has it, and what can be done with the house's own types. Nothing here commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import any_, func, literal, select

from gateway import audit
from gateway.channels import Caller, Channel
from gateway.db import Transaction, now
from gateway.errors import Conflict, FieldError, Invalid, NotFound, PreconditionFailed, refuse_field
from gateway.webhooks.catalogue import json_schema, shown
from gateway.webhooks.catalogue.models import RegisteredType
from gateway.webhooks.rendering import View
from schemas.event_catalogue import NOUNS, types_on

MOST_TYPES = 200


class EventTypeTaken(Conflict):
    """There is a type of this name."""

    code, title = "event_type_taken", "There is an event type with this name; change that one"


class TooManyEventTypes(Conflict):
    """The house has as many types as it may have."""

    code, title = "too_many_event_types", f"There are {MOST_TYPES} event types already"


def list_types(tx: Transaction) -> list[dict[str, Any]]:
    """Every type the caller's channel is sent, as the caller sees it, by name."""
    view = _view(tx.caller)
    registered = [shown.of_registered(each) for each in registered_on(tx, view.channel)]
    ours = [shown.of_ours(each, view) for each in types_on(view.channel)]
    return sorted([*ours, *registered], key=lambda each: str(each["name"]))


def registered_on(tx: Transaction, channel: Channel) -> list[RegisteredType]:
    """The house's own types that a channel is sent, or was until they were archived, by name."""
    is_sent = literal(channel.value) == any_(RegisteredType.channels)
    return tx.scalars(select(RegisteredType).where(is_sent).order_by(RegisteredType.name))


def get(tx: Transaction, name: str) -> RegisteredType:
    """One type of the house's own; raises NotFound."""
    return tx.get(RegisteredType, name)


def register(tx: Transaction, said: dict[str, Any]) -> RegisteredType:
    """Add a type; raises Invalid (a name of ours, a schema that may not be, an example it refuses), EventTypeTaken."""
    name: str = said["name"]
    if name.partition(".")[0] in NOUNS:
        raise refuse_field("/name", "reserved", f"Names that begin with {', '.join(sorted(NOUNS))} are ours.")
    _check(said["schema"], said["example"])
    if tx.session.get(RegisteredType, name) is not None:
        raise EventTypeTaken
    if (tx.session.scalar(select(func.count()).select_from(RegisteredType)) or 0) >= MOST_TYPES:
        raise TooManyEventTypes
    registered = RegisteredType(name=name, version=1, **_columns(said))
    tx.session.add(registered)
    audit.record(tx, "event_type.created", "event_type", name)
    return registered


def change(tx: Transaction, name: str, patch: dict[str, Any], expected_version: int) -> RegisteredType:
    """Apply a loaded patch; an archived type is published no more. Raises NotFound, PreconditionFailed, Invalid."""
    statement = select(RegisteredType).where(RegisteredType.name == name).with_for_update()
    registered = tx.session.scalar(statement)
    if registered is None:
        raise NotFound
    if registered.version != expected_version:
        raise PreconditionFailed
    columns = _columns(patch)
    changed = sorted(column for column, value in columns.items() if getattr(registered, column) != value)
    for column in changed:
        setattr(registered, column, columns[column])
    if {"schema", "example"}.intersection(changed):
        _check(registered.schema, registered.example)
    if changed:
        registered.version += 1
        registered.updated_at = now()
        audit.record(tx, "event_type.updated", "event_type", name, {"fields": changed})
    return registered


def _check(schema: dict[str, Any], example: dict[str, Any]) -> None:
    errors: list[FieldError] = json_schema.faults(schema) or json_schema.mismatches(schema, example, "/example")
    if errors:
        raise Invalid(errors=errors)


def _columns(said: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in said.items() if name not in ("name", "archived")}
    if "channels" in said:
        columns["channels"] = sorted({*said["channels"], Channel.INTRANET.value})
    if "archived" in said:
        columns["is_archived"] = said["archived"]
    return columns


def _view(caller: Caller) -> View:
    return View(caller.channel, caller.granted_fields)
