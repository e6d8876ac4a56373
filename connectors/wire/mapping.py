"""Translating records both ways with dotted paths and a fixed set of named converters: no expression language.

A rule is `{"ours": "birth_date", "theirs": "person.born", "as": "turkish_date"}`. A number in a path is a place in a
list. `ours` may end in `[]`: the converted value is one more item of that list (`contact_points[]` as `email`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.wire import cursor

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Converter:
    """One named translation; ValueError or TypeError when the value does not fit, None to say nothing."""

    pull: Callable[[Any], Any]
    push: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One field on both sides."""

    ours: str
    theirs: str
    converter: Converter


def _same(value: Any) -> Any:
    return value


def _epoch(scale: int) -> Converter:
    def pull(value: Any) -> str:
        return cursor.text(dt.datetime.fromtimestamp(float(value) / scale, dt.UTC))

    def push(value: Any) -> int:
        parsed = cursor.moment(value)
        if parsed is None:
            raise ValueError("not a time")
        return int(parsed.timestamp() * scale)

    return Converter(pull, push)


def _date(form: str) -> Converter:
    def pull(value: Any) -> str:
        return dt.datetime.strptime(str(value), form).date().isoformat()

    return Converter(pull, lambda value: dt.date.fromisoformat(str(value)[:10]).strftime(form))


def _contact_point(kind: str) -> Converter:
    def push(point: Any) -> Any:
        return point.get("value") if point.get("kind") == kind else None

    return Converter(lambda value: {"kind": kind, "value": str(value)}, push)


def _choice(pairs: Mapping[Any, Any]) -> Converter:
    back = {ours: theirs for theirs, ours in pairs.items()}
    return Converter(lambda value: pairs.get(value, value), lambda value: back.get(value, value))


CONVERTERS: dict[str, Converter] = {
    "same": Converter(_same, _same),
    "text": Converter(str, str),
    "number": Converter(str, float),
    "integer": Converter(int, int),
    "active": _choice({True: "active", False: "inactive"}),
    "epoch_seconds": _epoch(1),
    "epoch_milliseconds": _epoch(1000),
    "date": _date("%Y-%m-%d"),
    "turkish_date": _date("%d.%m.%Y"),
    "compact_date": _date("%Y%m%d"),
    "email": _contact_point("email"),
    "phone": _contact_point("phone"),
}


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path, or None; the empty path is the whole."""
    for step in filter(None, path.split(".")):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def put(target: Json, path: str, value: Any) -> None:
    """Set what stands at a dotted path, making objects and lists on the way."""
    place: Any = target
    steps = path.split(".")
    for step, following in zip(steps, [*steps[1:], ""], strict=True):
        fresh: Any = value if not following else ([] if following.isdigit() else {})
        key = _open(place, step)
        if not following or not place[key]:
            place[key] = fresh
        place = place[key]


def _open(place: Any, step: str) -> Any:
    if isinstance(place, list):
        place.extend([None] * (int(step) + 1 - len(place)))
        return int(step)
    place.setdefault(step, None)
    return step


def to_ours(theirs: Json, rules: Sequence[Rule]) -> Json:
    """A partner's record in our shape. A value that does not convert stays as it is: validation will name it."""
    ours: Json = {}
    for rule in rules:
        value = dig(theirs, rule.theirs)
        if value is not None:
            value = _lenient(rule.converter.pull, value)
        if rule.ours.endswith("[]"):
            items = ours.setdefault(rule.ours[:-2], [])
            items.extend([] if value is None else [value])
        else:
            put(ours, rule.ours, value)
    return ours


def to_theirs(ours: Json, rules: Sequence[Rule]) -> Json:
    """Our record in the partner's shape; only what ours says something about. ValueError when a value does not fit."""
    theirs: Json = {}
    for rule in rules:
        if rule.ours.endswith("[]"):
            items = ours.get(rule.ours[:-2])
            if items is not None:
                put(theirs, rule.theirs, _first(rule.converter.push(item) for item in items))
        elif rule.ours.split(".")[0] in ours:
            value = dig(ours, rule.ours)
            put(theirs, rule.theirs, None if value is None else rule.converter.push(value))
    return theirs


def _lenient(convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except (ValueError, TypeError, OverflowError, OSError):
        return value


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)
