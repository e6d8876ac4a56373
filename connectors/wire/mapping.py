"""Translating records both ways by rules: a place in our record, a place in the partner's, a named converter.

| place in our record | what it names |
|---|---|
| `birth_date`, `amount.value`, `attributes.renk` | a field, through dotted steps |
| `contact_points[phone].value` | of the contact points of this kind the first; `[phone#2]` the second |
| `contact_points[address].address.city` | one part of the first postal address |
| `identifiers[sap].value` | the identifier of this system |
| `contact_points[]` as `email` or `phone` | short for `contact_points[phone#n].value`, n counting such rules |

A partner's place is a dotted path; a number in it is a place in a list, and the empty path is the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from connectors.wire import converters
from connectors.wire.converters import Converter, Json

KEYED = {"contact_points": "kind", "identifiers": "system"}  # lists of which one field tells the items apart
_ITEM = re.compile(r"^(\w+)\[([^\[\]#]+)(?:#([1-9]\d?))?\]\.(.+)\Z")
_TEXT = converters.make("text", {})


class Item(NamedTuple):
    """A place in a keyed list: the `nth` item (from 1) whose key is this, and the path in it."""

    listed: str
    key: str
    nth: int
    path: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One field on both sides."""

    ours: str | Item
    theirs: str
    converter: Converter
    steps: tuple[str, ...]  # of theirs
    is_flat: bool  # a plain field on both sides, as most are


def dig(value: Any, path: str) -> Any:
    """What stands at a dotted path, or None; the empty path is the whole."""
    return _reach(value, _steps(path))


def put(target: Json, path: str, value: Any) -> None:
    """Set what stands at a dotted path, making objects and lists on the way."""
    place: Any = target
    steps = path.split(".")
    for step, following in pairwise(steps):
        key = _open(place, step)
        if not place[key]:
            place[key] = [] if following.isdigit() else {}
        place = place[key]
    place[_open(place, steps[-1])] = value


def item_of(path: str) -> Item | None:
    """The path as a place in a keyed list, or None when it is a plain one; ValueError when it is neither."""
    found = _ITEM.match(path)
    if found is None:
        if "[" in path or "]" in path:
            raise ValueError("a list is written like contact_points[phone].value")
        return None
    return Item(found[1], found[2], int(found[3] or 1), found[4])


class Translation:
    """The rules of one stream, taken apart once."""

    def __init__(self, described: Sequence[Mapping[str, Any]]) -> None:
        constants = [rule for rule in described if rule["converter"] == "constant"]
        self._ours = {rule["ours"]: rule["value"] for rule in constants if rule["ours"]}
        self._theirs = {rule["theirs"]: rule["value"] for rule in constants if not rule["ours"]}
        self._names = [
            (converters.NAMES[rule["converter"]], rule["theirs"])
            for rule in described
            if rule["converter"] in converters.NAMES
        ]
        self._rules = list(_compiled(described))
        self._nested = {
            rule.ours.split(".")[0] for rule in self._rules if isinstance(rule.ours, str) and "." in rule.ours
        } - {"attributes"}
        self._lists = dict.fromkeys(rule.ours.listed for rule in self._rules if isinstance(rule.ours, Item))

    def __bool__(self) -> bool:
        return bool(self._rules or self._names or self._ours)

    def to_ours(self, theirs: Json) -> Json:
        """A partner's record in our shape. A value that does not convert stays as it is: validation will name it."""
        ours: Json = {}
        items: dict[tuple[str, str, int], Json] = {}
        for rule in self._rules:
            value = theirs.get(rule.theirs) if rule.is_flat else _reach(theirs, rule.steps)
            if value is not None:
                value = _lenient(rule.converter.pull, value)
            if rule.is_flat:
                ours[rule.ours] = value  # type: ignore[index]
            elif isinstance(rule.ours, str):
                put(ours, rule.ours, value)
            elif value is not None:
                put(items.setdefault(rule.ours[:3], {}), rule.ours.path, value)
        for path, constant in self._ours.items():
            put(ours, path, constant)
        for names, path in self._names:
            ours |= names.pull(dig(theirs, path), ours)
        ours |= {listed: [] for listed in self._lists}
        for (listed, key, _), parts in sorted(items.items(), key=lambda each: each[0][2]):
            ours[listed].append({KEYED[listed]: key, **parts})
        return ours | {name: None for name in self._nested if _is_hollow(ours[name])}

    def to_theirs(self, ours: Json) -> Json:
        """Our record in the partner's shape; only what ours says something about. ValueError for what does not fit."""
        theirs: Json = {}
        for rule in self._rules:
            if _top(rule.ours) in ours:
                value = _reach_ours(ours, rule.ours)
                put(theirs, rule.theirs, None if value is None else _strict(rule, value))
        for names, path in self._names:
            if any(name in ours for name in names.parts):
                put(theirs, path, names.push({name: ours.get(name) for name in names.parts}))
        for path, constant in self._theirs.items():
            put(theirs, path, constant)
        return theirs

    def missing(self, ours: Json) -> set[str]:
        """What else of the record has to be known before it can be written: a joined name needs all its parts."""
        touched = [names for names, _ in self._names if any(name in ours for name in names.parts)]
        return {name for names in touched for name in names.parts if name not in ours}


def _compiled(described: Sequence[Mapping[str, Any]]) -> Iterable[Rule]:
    counts: dict[str, int] = {}
    for rule in described:
        name = rule["converter"]
        if name in converters.CONTACTS:
            counts[name] = counts.get(name, 0) + 1
            place: str | Item = Item("contact_points", name, counts[name], "value")
            yield _rule(place, rule["theirs"], _TEXT)
        elif name in converters.CONVERTERS:
            place = item_of(rule["ours"]) or rule["ours"]
            yield _rule(place, rule["theirs"], converters.make(name, rule))


def _rule(ours: str | Item, theirs: str, converter: Converter) -> Rule:
    steps = _steps(theirs)
    return Rule(ours, theirs, converter, steps, len(steps) == 1 and isinstance(ours, str) and "." not in ours)


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split(".")) if path else ()


def _reach(value: Any, steps: Iterable[str]) -> Any:
    for step in steps:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _open(place: Any, step: str) -> Any:
    if isinstance(place, list):
        place.extend([None] * (int(step) + 1 - len(place)))
        return int(step)
    place.setdefault(step, None)
    return step


def _top(place: str | Item) -> str:
    return place.listed if isinstance(place, Item) else place.split(".", 1)[0]


def _reach_ours(ours: Json, place: str | Item) -> Any:
    if isinstance(place, str):
        return dig(ours, place)
    items = [item for item in ours[place.listed] or () if item.get(KEYED[place.listed]) == place.key]
    return dig(items[place.nth - 1], place.path) if len(items) >= place.nth else None


def _is_hollow(value: Any) -> bool:
    """An object made by dotted places of which none had anything to say."""
    return isinstance(value, dict) and all(each is None or _is_hollow(each) for each in value.values())


def _lenient(convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return value


def _strict(rule: Rule, value: Any) -> Any:
    try:
        return rule.converter.push(value)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        place = rule.ours if isinstance(rule.ours, str) else f"{rule.ours.listed}[{rule.ours.key}].{rule.ours.path}"
        raise ValueError(f"{place} does not fit the partner's {rule.theirs}: {error}") from None
