"""One record put together: the partner's news, what both sides had, and what stands here, field by field by rule."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from gateway.bulk import Changed
from gateway.provenance import Source, of
from gateway.sync.merging.clash import Clash
from gateway.sync.merging.rules import LISTS, Meeting, Outcome, Rule, Rules, is_empty, settle
from gateway.sync.merging.union import unite
from gateway.sync.merging.words import Form, Row, Words, field_of


class Mergeable(Form, Protocol):
    """A stream whose records can be put together."""

    name: str

    def ours(self, row: Row) -> Row:
        """A stored row in the hub's form."""

    def key(self, name: str, item: Row) -> tuple[Any, ...]:
        """What makes two items of a list the same one."""

    def item_path(self, name: str, item: Row) -> str:
        """The path under which the source of one of our items is kept."""

    def apply(self, before: Row, values: Row, source: Source) -> Changed | None:
        """A row with values by path in it; None when nothing changes. Raises Invalid."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is to know of a record before a partner's word meets it.

    `changed_here` names the fields that changed here since both sides agreed, `open` the paths in open conflict,
    `hidden` the fields that the partner may not see, `own` the sources that are the partner's.
    """

    row: Row
    changed_here: Set[str]
    open: Set[str]
    hidden: Set[str]
    own: Set[str]
    customer_id: UUID


@dataclass(slots=True)
class Merged:
    """What becomes of a partner's word: values to write, the rest as it concerns the other side or a steward."""

    values: Row = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    agreed: list[str] = field(default_factory=list)

    @property
    def refused_fields(self) -> tuple[str, ...]:
        """The fields whose present value has to go back to the partner."""
        return tuple(dict.fromkeys(map(field_of, self.refused)))


def value_at(row: Row, path: str) -> Any:
    """What a record in the hub's form says at a path; None for an attribute it lacks."""
    name, _, key = path.partition("/")
    return row[name].get(key) if key else row[name]


def merge(stream: Mergeable, known: Rules, standing: Standing, words: Words, source: Source) -> Merged:
    """Put a partner's words, said by `source`, together with what stands here."""
    merging = _Merging(stream, known, standing, words, source)
    for path in words.theirs:
        merging.take(path)
    return merging.merged


@dataclass(frozen=True, slots=True)
class _Merging:
    """One record's merging on its way."""

    stream: Mergeable
    rules: Rules
    standing: Standing
    words: Words
    source: Source
    merged: Merged = field(default_factory=Merged)

    def take(self, path: str) -> None:
        """Find out what becomes of the word at one path."""
        theirs, rule = self.words.theirs[path], self.rules.of(self.stream.name, path)
        if rule.name == "union" and path in LISTS:
            self._unite(path)
        elif self.stream.same(field_of(path), self._ours(path), theirs):
            self.merged.agreed.append(path)
        else:
            self._meet(path, rule)

    def _ours(self, path: str) -> Any:
        return value_at(self.stream.ours(self.standing.row), path)

    def _unite(self, name: str) -> None:
        row = self.standing.row

        def is_own(item: Row) -> bool:
            return of(row["sources"], self.stream.item_path(name, item)).name in self.standing.own

        base, theirs = self.words.base.get(name), self.words.theirs[name]
        united, is_refused = unite(lambda item: self.stream.key(name, item), base, theirs, row[name], is_own)
        if not self.stream.same(name, united, row[name]):
            self.merged.values[name] = united
        if is_refused:
            self.merged.refused.append(name)

    def _meet(self, path: str, rule: Rule) -> None:
        meeting = Meeting(
            ours=self._ours(path),
            our_source=of(self.standing.row["sources"], path),
            theirs=self.words.theirs[path],
            their_source=self.source,
            is_clash=path in self.standing.open or self._moved(path) or self._is_guarded(path),
        )
        outcome = self._outcome(path, rule, meeting)
        if outcome == "theirs":
            self.merged.values[path] = meeting.theirs
        elif outcome == "ours" and field_of(path) not in self.standing.hidden:
            self.merged.refused.append(path)
        if meeting.is_clash:
            self.merged.clashes.append(self._clash(path, meeting, rule, outcome))

    def _moved(self, path: str) -> bool:
        """Whether our value changed since both sides agreed."""
        name, base = field_of(path), self.words.base
        has_returned = path in base and self.stream.same(name, self._ours(path), base[path])
        return name in self.standing.changed_here and not has_returned

    def _is_guarded(self, path: str) -> bool:
        """Whether the partner would overwrite, unseen, what came from elsewhere."""
        our_source = of(self.standing.row["sources"], path)
        is_hidden = field_of(path) in self.standing.hidden
        return is_hidden and our_source.name not in self.standing.own and not is_empty(self._ours(path))

    def _outcome(self, path: str, rule: Rule, meeting: Meeting) -> Outcome:
        if self._is_guarded(path):
            return "open"
        outcome = settle(rule, meeting)
        is_removal = rule.name == "union" and meeting.theirs is None
        if is_removal and outcome == "theirs" and meeting.our_source.name not in self.standing.own:
            return "ours"  # a removal takes only what was one's own
        return outcome

    def _clash(self, path: str, meeting: Meeting, rule: Rule, outcome: Outcome) -> Clash:
        return Clash(
            record_id=self.standing.row["id"],
            customer_id=self.standing.customer_id,
            field=path,
            base=self.words.base.get(path),
            ours=meeting.ours,
            theirs=meeting.theirs,
            their_time=self.source.at,
            our_source=meeting.our_source,
            rule=rule.name,
            chosen=None if outcome == "open" else outcome,
            is_new=path not in self.standing.open,
        )
