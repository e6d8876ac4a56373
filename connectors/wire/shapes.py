"""Finding and replacing values inside a JSON body, for the claims about partners that change their shape."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

Steps = list[Any]


def steps_of(body: Any) -> Iterator[Steps]:
    """The way to every value of a body, the body itself first; of a list only to its first item."""
    yield []
    inner = body.items() if isinstance(body, dict) else enumerate(body[:1]) if isinstance(body, list) else ()
    for key, value in inner:
        for steps in steps_of(value):
            yield [key, *steps]


def put_at(body: Any, steps: Steps, value: Any) -> Any:
    """A copy of the body with another value there; the same body where the way leads nowhere."""
    if not steps:
        return value
    changed = copy.copy(body)
    try:
        changed[steps[0]] = put_at(body[steps[0]], steps[1:], value)
    except (KeyError, IndexError, TypeError):
        return body
    return changed


def holder_of(body: Any, value: Any) -> tuple[dict[str, Any], str] | None:
    """The object that holds this very value, and under which key."""
    if isinstance(body, dict):
        for key, inner in body.items():
            if isinstance(inner, str) and inner == value:
                return body, key
    for inner in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        if (found := holder_of(inner, value)) is not None:
            return found
    return None
