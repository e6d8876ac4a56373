"""A link's settings: checked by its connector's schema, secrets apart and sealed, put together only to connect."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from marshmallow import Schema, ValidationError, fields

import connectors
from connectors.base import Connector, ConnectorError
from connectors.http import Http
from connectors.wire import address as addresses
from gateway import vault
from gateway.errors import Invalid, refuse_field
from gateway.sync.models import SyncLink
from gateway.validation import flatten, messages_of

Settings = dict[str, Any]


def check(connector: str, settings: Settings) -> type[Connector]:
    """The connector of this name, if it accepts the settings; raises Invalid with pointers."""
    found = _found(connector)
    try:
        found.Settings().load(settings)
    except ValidationError as invalid:
        raise Invalid(errors=list(flatten(messages_of(invalid), "/settings"))) from None
    return found


def split(schema: Schema, settings: Settings) -> tuple[Settings, Settings]:
    """Settings apart from secrets: a secret is what its schema only loads, at any depth of nesting."""
    plain: Settings = {}
    secret: Settings = {}
    declared = {field.data_key or name: field for name, field in schema.fields.items()}
    for name, value in settings.items():
        field = declared.get(name)
        if field is not None and field.load_only:
            secret[name] = value
        elif isinstance(field, fields.Nested) and isinstance(value, dict):
            plain[name], hidden = split(field.schema, value)
            secret |= {name: hidden} if hidden else {}
        else:
            plain[name] = value
    return plain, secret


def join(plain: Settings, secret: Settings) -> Settings:
    """What `split` took apart."""
    whole = dict(plain)
    for name, value in secret.items():
        nested = whole.get(name)
        whole[name] = join(nested, value) if isinstance(nested, dict) and isinstance(value, dict) else value
    return whole


def completed(link: SyncLink, settings: Settings) -> Settings:
    """New settings with the link's secrets wherever they leave one out, for nobody can read it to repeat it.

    Where they lead to another host no secret follows: else whoever may change a link could have it sent to themselves.
    """
    return _completed(_found(link.connector).Settings(), settings, opened(link))


def _completed(schema: Schema, settings: Settings, stored: Settings) -> Settings:
    declared = {field.data_key or name: field for name, field in schema.fields.items()}
    if any(_moved(settings, stored, name) for name, field in declared.items() if _leads(name, field)):
        return settings
    whole = dict(settings)
    for name, field in declared.items():
        given, old = settings.get(name), stored.get(name)
        if field.load_only and name not in settings and name in stored:
            whole[name] = old
        elif isinstance(field, fields.Nested) and isinstance(given, dict) and isinstance(old, dict):
            whole[name] = _completed(field.schema, given, old)
    return whole


def _leads(name: str, field: fields.Field[Any]) -> bool:
    """Whether a setting says whom secrets go to: an address, or `host` of what is no web site."""
    return isinstance(field, fields.Url) or name == "host"


def _moved(settings: Settings, stored: Settings, name: str) -> bool:
    given, old = settings.get(name), stored.get(name)
    return isinstance(given, str) and isinstance(old, str) and _host(given) != _host(old)


def _host(told: str) -> str:
    return addresses.host(told) if "://" in told else told.casefold()


def seal(link_id: UUID, secret: Settings) -> str:
    """The secrets, encrypted for this link alone."""
    return vault.seal(orjson.dumps(secret).decode(), _bound_to(link_id))


def opened(link: SyncLink) -> Settings:
    """The whole settings, secrets included; raises SealBroken."""
    secret: Settings = orjson.loads(vault.unseal(link.sealed, _bound_to(link.id)))
    return join(link.settings, secret)


def connect(name: str, settings: Settings, http: Http) -> Connector:
    """The connector, ready to work; a permanent ConnectorError when it is gone or its settings no longer fit it."""
    connector = connectors.get(name)
    try:
        loaded = connector.Settings().load(settings)
    except ValidationError as invalid:
        wrong = ", ".join(sorted(messages_of(invalid)))
        raise ConnectorError(f"The link's settings no longer fit the connector {name}: {wrong}.", True) from None
    return connector(loaded, http)


def _found(connector: str) -> type[Connector]:
    try:
        return connectors.get(connector)
    except ConnectorError as error:
        raise refuse_field("/connector", "unknown", error.message) from None


def _bound_to(link_id: UUID) -> str:
    return f"sync_link:{link_id}:settings"
