"""Every route that stands on a channel, found by walking, so that a new feature is tested without a list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from gateway.channels import DOORS, Channel
from gateway.http import Operation

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One method on one path of one channel; `operation` is None where nothing declared it."""

    channel: Channel
    method: str
    rule: str
    operation: Operation | None

    @property
    def parameters(self) -> list[str]:
        """The names of what stands in the path."""
        return _PARAMETER.findall(self.rule)

    @property
    def documented_path(self) -> str:
        """The path as the channel's OpenAPI document writes it."""
        return _PARAMETER.sub(r"{\1}", self.rule).removeprefix(f"/{self.channel.value}/v1")

    def path(self, **ids: str) -> str:
        """The path with its parameters filled in."""
        return _PARAMETER.sub(lambda found: ids[found[1]], self.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def routes_of(app: Flask) -> list[Route]:
    """Every route below a channel's base."""
    return [route for rule in app.url_map.iter_rules() for route in _routes(rule, _declared(app))]


def _declared(app: Flask) -> dict[tuple[str, str], Operation]:
    operations: list[Operation] = app.extensions["kopru.operations"]
    return {(f"/{channel.value}/v1{each.path}", each.method): each for each in operations for channel in each.channels}


def _routes(rule: Rule, declared: dict[tuple[str, str], Operation]) -> Iterator[Route]:
    first = rule.rule.split("/")[1]
    if first in DOORS and rule.rule.startswith(f"/{first}/v1"):
        for method in (rule.methods or set()) - {"HEAD"}:
            yield Route(Channel(first), method, rule.rule, declared.get((rule.rule, method)))
