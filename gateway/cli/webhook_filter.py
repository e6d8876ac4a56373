"""A condition of an endpoint as people type it: `status=active,prospect`, `city!=Ankara`, `segment`, `!segment`."""

from __future__ import annotations

from typing import Any

import click
import orjson

_WORDS = {"true": True, "false": False, "null": None}


class Filter(click.ParamType[dict[str, Any]]):
    """Reads a condition; a value is a text unless it is true, false or null, and anything else is said in JSON."""

    name = "condition"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        """The condition as it stands on the wire, or a failure as wrong usage; what it says is checked elsewhere."""
        if isinstance(value, dict):
            return value
        if value.startswith("{"):
            try:
                return dict(orjson.loads(value))
            except orjson.JSONDecodeError as error:
                self.fail(f"{value} is not JSON: {error}", param, ctx)
        field, sign, values = value.partition("=")
        if sign:
            condition = "is_not" if field.endswith("!") else "is"
            return {"field": field.removesuffix("!"), condition: [_WORDS.get(each, each) for each in values.split(",")]}
        return {"field": field.removeprefix("!"), "exists": not field.startswith("!")}


FILTER = Filter()
