"""A marshmallow schema as JSON Schema 2020-12, for forms and editors.

It is as strict as JSON Schema can say; what concerns several fields at once is checked by marshmallow alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from inspect import getdoc
from typing import Any

from marshmallow import RAISE, Schema, fields, missing, validate

Json = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHOWN = ("title", "description", "examples", "deprecated")
_TYPES: tuple[tuple[type[fields.Field[Any]], Json], ...] = (
    (fields.UUID, {"type": "string", "format": "uuid"}),
    (fields.Email, {"type": "string", "format": "email"}),
    (fields.Url, {"type": "string", "format": "uri"}),
    (fields.String, {"type": "string"}),
    (fields.Boolean, {"type": "boolean"}),
    (fields.Integer, {"type": "integer"}),
    (fields.Decimal, {"type": ["string", "number"]}),
    (fields.Float, {"type": "number"}),
    (fields.Date, {"type": "string", "format": "date"}),
    (fields.DateTime, {"type": "string", "format": "date-time"}),
)


def describe(schema: type[Schema]) -> Json:
    """The JSON Schema of what this schema loads; a secret is `writeOnly`."""
    return {"$schema": _DIALECT, **_object(schema())}


def _object(schema: Schema) -> Json:
    properties = {field.data_key or name: _field(field) for name, field in schema.load_fields.items()}
    required = [field.data_key or name for name, field in schema.load_fields.items() if field.required]
    described: Json = {"type": "object", "properties": properties}
    if doc := getdoc(type(schema)):
        described["description"] = doc.splitlines()[0]
    if required:
        described["required"] = required
    if schema.unknown == RAISE:
        described["additionalProperties"] = False
    return described


def _field(field: fields.Field[Any]) -> Json:
    described = _content(field)
    for validator in field.validators:
        described |= _rule(field, validator)
    if field.allow_none:
        described = _or_null(described)
    described |= {name: field.metadata[name] for name in _SHOWN if name in field.metadata}
    if "example" in field.metadata:
        described["examples"] = [field.metadata["example"]]
    if field.load_default is not missing:
        described["default"] = _default(field)
    return {**described, "writeOnly": True} if field.load_only else described


def _content(field: fields.Field[Any]) -> Json:
    if isinstance(field, fields.Nested):
        nested = _object(field.schema)
        return {"type": "array", "items": nested} if field.many else nested
    if isinstance(field, fields.List):
        return {"type": "array", "items": _field(field.inner)}
    if isinstance(field, fields.Dict):
        return {"type": "object", **dict(_entries(field))}
    return next((dict(told) for kind, told in _TYPES if isinstance(field, kind)), {})


def _entries(field: fields.Dict) -> Iterator[tuple[str, Json]]:
    if field.value_field is not None and (value := _field(field.value_field)):
        yield "additionalProperties", value
    if field.key_field is not None and (key := _field(field.key_field)) != {"type": "string"}:
        yield "propertyNames", key


def _rule(field: fields.Field[Any], validator: Any) -> Json:
    if isinstance(validator, validate.OneOf):
        return {"enum": list(validator.choices)}
    if isinstance(validator, validate.Equal):
        return {"const": validator.comparable}
    if isinstance(validator, validate.Range):
        return _range(validator)
    if isinstance(validator, validate.Length):
        return _length(field, validator)
    if isinstance(validator, validate.Regexp):
        return {"pattern": str(validator.regex.pattern).replace(r"\Z", "$")}
    return {}


def _range(validator: validate.Range) -> Json:
    least = "minimum" if validator.min_inclusive else "exclusiveMinimum"
    most = "maximum" if validator.max_inclusive else "exclusiveMaximum"
    told = {least: validator.min, most: validator.max}
    return {name: value for name, value in told.items() if value is not None}


def _length(field: fields.Field[Any], validator: validate.Length) -> Json:
    kinds = {fields.List: "Items", fields.Dict: "Properties"}
    unit = next((name for kind, name in kinds.items() if isinstance(field, kind)), "Length")
    least, most = (validator.min, validator.max) if validator.equal is None else (validator.equal, validator.equal)
    told = {f"min{unit}": least, f"max{unit}": most}
    return {name: value for name, value in told.items() if value is not None}


def _or_null(described: Json) -> Json:
    """The same, or null: an enumeration and a type say it themselves, whatever else is asked concerns other values."""
    kinds = described.get("type")
    if kinds is None:
        return described
    widened = {**described, "type": [*([kinds] if isinstance(kinds, str) else kinds), "null"]}
    return {**widened, "enum": [*described["enum"], None]} if "enum" in described else widened


def _default(field: fields.Field[Any]) -> Any:
    """The default as it would be written: of a nested part `{}`, for what it then holds is told by its own fields."""
    default = field.load_default() if callable(field.load_default) else field.load_default
    if isinstance(field, fields.Nested) and isinstance(default, Mapping):
        return field.metadata.get("default", {})
    return default
