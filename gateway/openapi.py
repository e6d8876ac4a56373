"""Each channel's OpenAPI 3.1 document, made from the operations: it shows what the channel can do and see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from inspect import cleandoc
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from gateway.channels import PURPOSES, Caller, Channel
from gateway.http import Operation
from schemas.base import Amount
from schemas.event import ThinData
from schemas.problem import ProblemDocument

_JSON = ("application/json",)
_CONVERTER = re.compile(r"<(?:(\w+):)?(\w+)>")
_ALWAYS = (400, 401, 403, 404, 429, 503)
_OF_METHOD = {"POST": (408, 409, 413, 415, 422), "PATCH": (408, 412, 413, 415, 422, 428), "GET": (), "DELETE": ()}
_MEANS = {
    200: "Done", 201: "Made; see Location", 202: "Begun; follow Location", 204: "Gone", 304: "Unchanged",
    308: "It was merged into another record; follow Location",
    400: "The request cannot be read", 401: "No valid access token for this channel",
    403: "The token lacks the scope, or the role does not allow it", 404: "No such record, or none you may see",
    408: "The body did not come whole in time", 409: "It conflicts with the present state",
    410: "No longer kept",
    412: "The record has changed since you read it",
    413: "The body is too large", 415: "Not of a media type that this takes",
    422: "Some of the content is not right; errors name it",
    428: "If-Match is missing", 429: "Over your quota; wait Retry-After seconds", 503: "Unavailable; nothing changed",
}  # fmt: skip
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "repeats of a request under one key have one effect and one answer, for 24 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
_PURPOSE = {
    "name": "Kopru-Purpose",
    "in": "header",
    "required": False,
    "description": "why personal data is asked for, as the person will see it",
    "schema": {"type": "string", "enum": list(PURPOSES)},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "the ETag you read",
    "schema": {"type": "string"},
}

_SIGNED = [
    {"name": name, "in": "header", "required": True, "description": means, "schema": {"type": "string"}}
    for name, means in (
        ("webhook-id", "the event's id, the same at every try"),
        ("webhook-timestamp", "seconds since 1970 at this try"),
        ("webhook-signature", "Standard Webhooks: `v1,…` and `v1a,…`, with spaces between"),
    )
]


@dataclass(frozen=True)
class Told:
    """A type of event a channel is sent; its `data` is of `shape`, as far as the channel reaches, or thin.

    Where the shape is JSON Schema (2020-12), its references lead to the components, where it stands by its name.
    """

    name: str
    description: str
    shape: type[Schema] | Mapping[str, Any]
    example: dict[str, Any]
    is_deprecated: bool = False


@dataclass(frozen=True)
class Reach:
    """What a channel can reach at most: its scopes with their meaning, the fields any agreement can grant, and for
    output schemas that have hidden fields, the ones it can show."""

    channel: Channel
    scopes: dict[str, str]
    granted: frozenset[str]
    visible: dict[type[Schema], tuple[str, ...]]


class Shapes(MarshmallowPlugin):
    """What turns marshmallow schemas into JSON Schema: an amount is a string on the wire, never a number."""

    def init_spec(self, spec: APISpec) -> None:
        """Begin a document."""
        super().init_spec(spec)
        self.map_to_openapi_type(Amount, "string", None)  # type: ignore[no-untyped-call]


def document(reach: Reach, base_url: str, operations: Iterable[Operation], told: Sequence[Told] = ()) -> dict[str, Any]:
    """The channel's OpenAPI document as a dict, with the webhooks it is sent."""
    channel = reach.channel
    plugin = Shapes(schema_name_resolver=_name)
    spec = APISpec(
        title=f"Köprü {channel.value}",
        version="1",
        openapi_version="3.1.0",
        plugins=[plugin],
        servers=[{"url": f"{base_url}/{channel.value}/v1"}],
        info={"description": f"The {channel.value} door of Köprü. Errors are RFC 9457 problem+json."},
    )
    spec.components.security_scheme("oauth", {"type": "oauth2", "flows": _flows(base_url, reach.scopes)})
    for operation in operations:
        if channel in operation.channels:
            path, parameters = _path(operation.path)
            spec.path(path, operations={operation.method.lower(): _describe(operation, reach, parameters)})
    webhooks = {each.name: {"post": _webhook(each, reach)} for each in told}
    for webhook in webhooks.values():
        plugin.resolver.resolve_operations(webhook)  # type: ignore[union-attr]
    made: dict[str, Any] = spec.to_dict() | {"webhooks": webhooks}
    # Not by way of `spec`, which takes `true` and `false` in a schema for names.
    made["components"]["schemas"] |= {each.name: each.shape for each in told if not isinstance(each.shape, type)}
    return made


def _flows(base_url: str, scopes: dict[str, str]) -> dict[str, Any]:
    of_systems = {"tokenUrl": f"{base_url}/oauth/token", "scopes": scopes}
    of_people = {"authorizationUrl": f"{base_url}/oauth/authorize", **of_systems}
    return {"authorizationCode": of_people, "clientCredentials": of_systems}


def _webhook(told: Told, reach: Reach) -> dict[str, Any]:
    message = {
        "type": "object",
        "required": ["id", "type", "occurred_at", "data"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "type": {"const": told.name},
            "occurred_at": {"type": "string", "format": "date-time"},
            "data": {"anyOf": [_told(told, reach), ThinData]},
        },
        "examples": [told.example],
    }
    return {
        "operationId": told.name,
        "tags": ["Webhooks"],
        "summary": told.description,
        "parameters": _SIGNED,
        "requestBody": {"required": True, "content": {"application/json": {"schema": message}}},
        "responses": {"2XX": {"description": "Taken; anything else is tried again"}},
        **({"deprecated": True} if told.is_deprecated else {}),
    }


def _told(told: Told, reach: Reach) -> Schema | dict[str, str]:
    if isinstance(told.shape, type):
        return _shown(told.shape, reach.visible.get(told.shape, ()))
    return {"$ref": component(told.name)}


def component(name: str) -> str:
    """The reference that leads to a shape of the document."""
    return f"#/components/schemas/{name}"


def _name(schema: Any) -> str:
    if isinstance(schema, type):
        return schema.__name__
    name = type(schema).__name__
    return f"{name.removesuffix('Input')}Patch" if schema.partial and name.endswith("Input") else name


def _path(rule: str) -> tuple[str, list[dict[str, Any]]]:
    parameters = []
    for kind, name in _CONVERTER.findall(rule):
        schema = {"type": "string", "format": "uuid"} if kind == "id" else {"type": "string"}
        parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    return _CONVERTER.sub(r"{\2}", rule), parameters


def _describe(operation: Operation, reach: Reach, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    summary, _, description = cleandoc(operation.handler.__doc__ or operation.name).partition("\n\n")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": summary.replace("\n", " "),
        "security": [{"oauth": [scope]} for scope in operation.scopes],
        "parameters": [*parameters, *_headers(operation)],
        "responses": _responses(operation, reach),
    }
    if description:
        described["description"] = description
    if operation.query is not None:
        described["parameters"].append({"in": "query", "schema": operation.query})
    if (body := operation.shape(operation.body, reach.channel)) is not None:
        schema = _written(body, _writable(operation, reach), operation.method == "PATCH")
        media = ("application/merge-patch+json", "application/json") if operation.method == "PATCH" else _JSON
        content = {each: {"schema": schema} for each in media}
        described["requestBody"] = {"required": not operation.is_body_optional, "content": content}
    if operation.upload is not None:
        described["requestBody"] = {"required": True, "content": _files(operation.upload.types)}
    return described


def _files(types: Iterable[str]) -> dict[str, Any]:
    return {each: {"schema": {"type": "string", "contentMediaType": each}} for each in types}


def _writable(operation: Operation, reach: Reach) -> frozenset[str] | None:
    if operation.fields_of is None:
        return None
    return frozenset(operation.fields_of(Caller(channel=reach.channel, granted_fields=reach.granted)))


def _headers(operation: Operation) -> list[dict[str, Any]]:
    if operation.method == "POST":
        return [_PURPOSE, _KEY]
    return [_PURPOSE, _IF_MATCH] if operation.needs_version else [_PURPOSE]


def _responses(operation: Operation, reach: Reach) -> dict[str, Any]:
    success: dict[str, Any] = {"description": _MEANS[operation.status]}
    if (returns := operation.shape(operation.returns, reach.channel)) is not None:
        shown = _shown(returns, reach.visible.get(returns, ()))
        schema = _page_of(shown) if operation.is_list else shown
        success["content"] = {"application/json": {"schema": schema}}
    if operation.sends:
        success["content"] = _files(operation.sends)
    problem = {"application/problem+json": {"schema": ProblemDocument}}
    statuses = {*_ALWAYS, *_OF_METHOD[operation.method], *operation.also}
    if operation.method == "GET" and not operation.is_list:
        statuses.add(304)
    if "customer_id" in operation.path:  # it may have been merged into another one
        statuses.add(308 if operation.method == "GET" else 409)
    return {
        str(operation.status): success,
        **{
            str(status): {"description": _MEANS[status], **({"content": problem} if status >= 400 else {})}
            for status in sorted(statuses)
        },
    }


@lru_cache(maxsize=512)
def _shown(shape: type[Schema], names: tuple[str, ...]) -> Schema:
    # Nothing is promised as present: `fields=` may leave any of them out.
    return shape(only=names or None, partial=True)


@lru_cache(maxsize=512)
def _written(shape: type[Schema], allowed: frozenset[str] | None, is_patch: bool) -> Schema:
    return shape(only=None if allowed is None else sorted(allowed & set(shape._declared_fields)), partial=is_patch)


@lru_cache(maxsize=512)
def _page_of(item: Schema) -> type[Schema]:
    parts = {
        "items": fields.List(fields.Nested(item), required=True),
        "next": fields.String(required=True, allow_none=True, metadata={"description": "cursor of the next page"}),
    }
    return type(f"{_name(item)}Page", (Schema,), parts)
