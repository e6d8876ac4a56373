"""What a partner newly says of a record: whatever differs from what it said last and is no echo of what we wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from marshmallow import Schema, ValidationError

from gateway.errors import Invalid
from gateway.sync.merging.echo import is_echo, keeps_all, respelt
from gateway.sync.merging.rules import is_empty

Row = dict[str, Any]
Related = Mapping[str, UUID]  # our records of others that a record names, by external id
_ABSENT = object()
_COINCIDENCES, _MOST_KEPT = 2, 20


class Form(Protocol):
    """How a stream's words are read and compared."""

    schema: Schema

    def words(self, loaded: Mapping[str, Any], related: Related) -> Row:
        """Loaded fields in the hub's form; raises Invalid."""

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field say the same."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a link remembers of a record.

    `said` is the partner's last word with what we wrote over it since, `written` names the fields we wrote and did not
    read back yet, `rewritten` those that came back as something else, once for each write in a row; `version` is the
    partner's after our write, `lost` what we sent without learning what became of it.
    """

    said: Row = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    rewritten: tuple[str, ...] = ()
    version: str | None = None
    lost: Row = field(default_factory=dict)

    def without(self, name: str) -> Memory:
        """As if the partner had never spoken of a field."""
        said = {key: value for key, value in self.said.items() if key != name}
        return replace(self, said=said)


NOTHING = Memory()


@dataclass(frozen=True, slots=True)
class Words:
    """The partner's news by path, and what it said there before, as far as that is known.

    `rewritten` is what `Memory` is to keep of that.
    """

    theirs: Row = field(default_factory=dict)
    base: Row = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()


def news_of(form: Form, raw: Row, loaded: Row, related: Related, memory: Memory) -> Words:
    """What a record says that its partner did not say before; raises Invalid for words that cannot be stored."""
    said = memory.said
    names = [name for name in loaded if raw.get(name, _ABSENT) != said.get(name, _ABSENT)]
    theirs = form.words({name: loaded[name] for name in names}, related)
    if not theirs:
        return Words()
    # Of a create whose answer was lost nothing is known but what it said.
    before, lost = (remembered(form, each, names, related) for each in (said or memory.lost, memory.lost))
    base = by_path(before, theirs)
    echoes = _Echoes(memory, base, by_path(lost, theirs), raw.get("version"))
    differing = {
        path: value
        for path, value in by_path(theirs, before).items()
        if not (path in base and form.same(field_of(path), base[path], value))
    }
    fresh = {path: echoes.told(path, value) for path, value in differing.items() if not echoes.has(path, value)}
    return Words(fresh, base, echoes.rewritten(differing))


@dataclass(frozen=True, slots=True)
class _Echoes:
    """What we wrote, to tell its coming back; `version` is the one it comes back with."""

    memory: Memory
    written: Row
    lost: Row
    version: Any

    def has(self, path: str, value: Any) -> bool:
        """Whether a value is only what we wrote there ourselves."""
        if path in self.lost and is_echo(self.lost[path], value):
            return True
        if not self._was_written(path):
            return False
        if self._is_versioned:
            # With our own version it is our write, whatever it looks like; with another one somebody was there since,
            # and may have taken away what is missing: a system that cannot keep it shows that after the next write.
            is_same = self.version == self.memory.version
            is_whole = not is_empty(value) and keeps_all(self.written[path], value)
            return is_same or (is_whole and is_echo(self.written[path], value))
        # A system that makes something else of every write says nothing with it: two such would never come to rest.
        is_habit = self.memory.rewritten.count(field_of(path)) >= _COINCIDENCES
        return is_habit or is_echo(self.written[path], value)

    def told(self, path: str, value: Any) -> Any:
        """A word without the echoes in it: what a system cannot keep of an item is not taken from ours."""
        return respelt(self.written[path], value) if self._was_written(path) else value

    def rewritten(self, differing: Row) -> tuple[str, ...]:
        """The fields of our last write that came back as something else, behind their earlier times."""
        if self._is_versioned:
            return ()
        strange = (path for path, value in differing.items() if self._was_written(path))
        names = {field_of(path) for path in strange if not is_echo(self.written[path], differing[path])}
        before = (name for name in self.memory.rewritten if name in names)
        return (*before, *names)[-_MOST_KEPT:]

    @property
    def _is_versioned(self) -> bool:
        return None not in (self.version, self.memory.version)

    def _was_written(self, path: str) -> bool:
        return field_of(path) in self.memory.written and not is_empty(self.written.get(path))


def field_of(path: str) -> str:
    """The field that a path begins with."""
    return path.partition("/")[0]


def remembered(form: Form, said: Mapping[str, Any], names: Iterable[str], related: Related) -> Row:
    """Fields of an earlier word in the hub's form; without those that cannot be read any more."""
    found: Row = {}
    for name in names:
        if name in said and name in form.schema.fields:
            try:
                loaded = form.schema.fields[name].deserialize(said[name], name, said)
                found |= form.words({name: loaded}, related)
            except (ValidationError, Invalid):
                continue
    return found


def by_path(values: Row, other: Row) -> Row:
    """Values by path: of the attributes each key by itself, those that only `other` has being None."""
    if "attributes" not in values:
        return values
    keys = {**dict.fromkeys(other.get("attributes") or ()), **values["attributes"]}
    flat = {name: value for name, value in values.items() if name != "attributes"}
    return flat | {f"attributes/{name}": value for name, value in keys.items()}
