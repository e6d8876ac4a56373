"""Declared attributes in an OpenAPI document: as JSON Schema, wherever a customer stands in it."""

from __future__ import annotations

from typing import Any

from gateway.channels import Channel
from gateway.customers.attributes.rules import Rules, Side, grant_of
from gateway.customers.attributes.values import Definition

Json = dict[str, Any]
_TYPES = {"enum": "string", "date": "string", "list": "array"}
_BOUNDS = {"string": ("minLength", "maxLength"), "list": ("minItems", "maxItems")}


def describe(document: Json, rules: Rules, channel: Channel) -> Json:
    """The document of a channel, in which the attributes of customers are what they are declared to be there."""
    side = Side(channel, frozenset(map(grant_of, rules.definitions)))
    listing = document["paths"]["/customers"]["get"]
    others = [each for each in listing["parameters"] if each.get("name") != "attributes"]
    listing["parameters"] = others + [_parameter(rules.definitions[name]) for name in sorted(rules.findable(side))]
    for name, schema in document["components"]["schemas"].items():
        properties = schema.get("properties", {})
        if "attributes" in properties and "Customer" in name:
            if name.startswith(("CustomerInput", "CustomerPatch")):
                _describe_input(properties, rules, side, is_whole=name.startswith("CustomerInput"))
            elif shown := _declared(rules, set(rules.definitions) - rules.hidden_from(side)):
                properties["attributes"]["properties"] = shown
    return document


def _parameter(declared: Definition) -> Json:
    schema = json_schema(declared)
    means = "customers that hold this" if declared.type != "list" else "customers that hold this among others"
    schema = schema["items"] if declared.type == "list" else schema
    return {"name": grant_of(declared.name), "in": "query", "required": False, "description": means, "schema": schema}


def _describe_input(properties: Json, rules: Rules, side: Side, *, is_whole: bool) -> None:
    writable = {name for name in rules.definitions if rules.may_write(side, name)}
    if not writable and side.channel is Channel.INTERNET:
        del properties["attributes"]
        return
    attributes = properties["attributes"]
    if writable:
        attributes["properties"] = _declared(rules, writable)
    if is_whole and (required := sorted(name for name in writable if rules.definitions[name].is_required)):
        attributes["required"] = required
    if rules.is_closed or side.channel is Channel.INTERNET:
        attributes["additionalProperties"] = False


def _declared(rules: Rules, names: set[str]) -> Json:
    return {name: json_schema(rules.definitions[name]) for name in sorted(names)}


def json_schema(definition: Definition) -> Json:
    """One attribute as JSON Schema (2020-12)."""
    kind = definition.type
    schema: Json = {"type": _TYPES.get(kind, kind)}
    if kind == "date":
        schema["format"] = "date"
    if kind == "list":
        schema["items"] = {"type": "string"}
    texts = schema["items"] if kind == "list" else schema
    if definition.choices:
        texts["enum"] = definition.choices
    if definition.pattern is not None:
        texts["pattern"] = f"^(?:{definition.pattern})$"
    for keyword, bound in zip(
        _BOUNDS.get(kind, ("minimum", "maximum")), (definition.minimum, definition.maximum), strict=True
    ):
        if bound is not None:
            schema[keyword] = int(bound) if bound.is_integer() else bound
    return schema
