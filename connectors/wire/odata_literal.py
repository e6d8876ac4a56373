"""How OData v4 writes values in a URL (OASIS, OData ABNF Construction Rules 4.01), and keys made of them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit
from uuid import UUID

from connectors.wire import cursor as cursors

_STRING = r"'(?:[^']|'')*'"
_PAIR = re.compile(rf"(\w+)=({_STRING}|[^',()]+)(?:,|\Z)")
_PREDICATE = re.compile(r"\(([^/]*)\)\Z")
_LONGEST = 2_000  # letters of an address or a key: reading one takes time by the square of its length
_DAY = dt.timedelta(days=1)


def string(value: str) -> str:
    """A string in quotes; the quotes inside it are doubled."""
    return "'" + value.replace("'", "''") + "'"


def _guid(value: str) -> str:
    return str(UUID(value))


def _number(value: str) -> str:
    return str(int(value)) if value.isascii() else _no_number(value)


def _no_number(value: str) -> str:
    raise ValueError(f"{value!r} is no number")


KINDS: dict[str, Callable[[str], str]] = {"string": string, "guid": _guid, "number": _number}


def query(options: Mapping[str, Any]) -> str:
    """The options behind a question mark; blanks are %20, for not every service takes a plus for one."""
    return "?" + urlencode(options, quote_via=quote, safe="$,") if options else ""


class Key:
    """The key of an entity set, `{property: kind}`. Of several properties the external id is `A='1',B=2`."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self.properties = properties

    def of(self, item: Any) -> str | None:
        """The external id of an entity, or None when it does not tell its whole key."""
        values = [item.get(name) if isinstance(item, dict) else None for name in self.properties]
        told = [str(value) for value in values if isinstance(value, (str, int)) and not isinstance(value, bool)]
        if len(told) < len(self.properties):
            return None
        if len(told) == 1:
            return told[0]
        try:
            return ",".join(self._pair(name, value) for name, value in zip(self.properties, told, strict=True))
        except ValueError:
            return None

    def predicate(self, external_id: str) -> str:
        """What follows the name of the set, as it stands in a URL; ValueError for an id that is no key of this set."""
        if len(self.properties) == 1:
            [kind] = self.properties.values()
            return f"({quote(KINDS[kind](external_id), safe='')})"
        pairs = [(name, KINDS[self.properties[name]](value)) for name, value in self._pairs(external_id)]
        return "(" + ",".join(f"{name}={quote(literal, safe='')}" for name, literal in pairs) + ")"

    def of_address(self, address: str) -> str | None:
        """The external id in an entity's address, `…/Set('A')`, or in a bare key; None when there is none."""
        if len(address) > _LONGEST:
            return None
        found = _PREDICATE.search(urlsplit(address).path)
        text = unquote(found[1]) if found else address
        try:
            if len(self.properties) > 1:
                return ",".join(self._pair(name, value) for name, value in self._pairs(text))
            [(name, kind)] = self.properties.items()
            value = _plain(text.removeprefix(f"{name}=")) if found else text
            return value if KINDS[kind](value) else None
        except ValueError:
            return None

    def _pair(self, name: str, value: str) -> str:
        return f"{name}={KINDS[self.properties[name]](value)}"

    def _pairs(self, text: str) -> list[tuple[str, str]]:
        """The properties in our order with their values, from `A='1',B=2`."""
        if len(text) > _LONGEST:
            raise ValueError("too long for a key")
        values = {name: _plain(literal) for name, literal in _PAIR.findall(text)}
        if {*values} != {*self.properties} or _PAIR.sub("", text):
            raise ValueError("not a key of this set")
        return [(name, values[name]) for name in self.properties]


class Clock:
    """The property that tells when an entity changed: a `datetime` (Edm.DateTimeOffset) or a `date` (Edm.Date)."""

    def __init__(self, name: str, kind: str) -> None:
        self.name = name
        self._is_date = kind == "date"

    def floor(self, moment: str) -> str:
        """The last time at or before this one that the property can tell; both as text in UTC."""
        return cursors.text(self._cut(_parsed(moment)))

    def ceil(self, moment: str) -> str:
        """The first time at or after this one that the property can tell."""
        time = _parsed(moment)
        cut = self._cut(time)
        return cursors.text(cut if cut == time else cut + (_DAY if self._is_date else dt.timedelta(milliseconds=1)))

    def literal(self, moment: str) -> str:
        """A time as it stands in a filter. It has no fraction where it needs none: some services take none."""
        time = _parsed(moment)
        if self._is_date:
            return time.date().isoformat()
        precision = "milliseconds" if time.microsecond >= 1000 else "seconds"
        return time.replace(tzinfo=None).isoformat(timespec=precision) + "Z"

    def _cut(self, time: dt.datetime) -> dt.datetime:
        if self._is_date:
            return time.replace(hour=0, minute=0, second=0, microsecond=0)
        return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _parsed(moment: str) -> dt.datetime:
    parsed = cursors.moment(moment)
    if parsed is None:
        raise ValueError(f"{moment!r} is no time")
    return parsed


def _plain(literal: str) -> str:
    """The value of a literal."""
    if re.fullmatch(_STRING, literal):
        return literal[1:-1].replace("''", "'")
    return literal
