"""Declared attributes in an OpenAPI document: as JSON Schema, wherever a customer stands in it."""

from __future__ import annotations

from typing import Any

from gateway.customers.attributes.values import Definition, Definitions

Json = dict[str, Any]
_TYPES = {"enum": "string", "date": "string", "list": "array"}
_BOUNDS = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems")}


def describe(document: Json, definitions: Definitions) -> Json:
    """The document, in which the attributes of customers are what they are declared to be."""
    declared = {name: json_schema(each) for name, each in sorted(definitions.items())}
    required = sorted(each.name for each in definitions.values() if each.is_required)
    for name, schema in document["components"]["schemas"].items():
        attributes = schema.get("properties", {}).get("attributes")
        if declared and attributes is not None and "Customer" in name:
            attributes["properties"] = declared
            if required and name.startswith("CustomerInput"):
                attributes["required"] = required
    return document


def json_schema(definition: Definition) -> Json:
    """One attribute as JSON Schema (2020-12)."""
    kind = definition.type
    schema: Json = {"type": _TYPES.get(kind, kind)}
    if kind == "date":
        schema["format"] = "date"
    if kind == "list":
        schema["items"] = {"type": "string"}
    if definition.choices:
        (schema["items"] if kind == "list" else schema)["enum"] = definition.choices
    for keyword, bound in zip(
        _BOUNDS.get(kind, ("minimum", "maximum")), (definition.minimum, definition.maximum), strict=True
    ):
        if bound is not None:
            schema[keyword] = int(bound) if bound.is_integer() else bound
    return schema
