"""Which side's word on a field holds: a rule for each, the same over all links."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.provenance import Source

RULES = ("newest", "priority", "keep_first", "union", "manual")
LISTS = ("contact_points", "identifiers")
UNITED = (*LISTS, "attributes")
Outcome = Literal["ours", "theirs", "open"]

_ALL = Query(text("SELECT stream, field, rule, sources FROM sync_merge_rules"))


@dataclass(frozen=True, slots=True)
class Rule:
    """How a field's meeting words are settled; `sources` are those of `priority`, the first one weighing most."""

    name: str
    sources: tuple[str, ...] = ()

    def rank(self, source: Source) -> int:
        """Where a source stands; one that is not listed stands last. `hub` is every channel of ours."""
        for rank, listed in enumerate(self.sources):
            if source.name == listed or source.name.startswith(f"{listed}:"):
                return rank
        return len(self.sources)


_UNION, _MANUAL = Rule("union"), Rule("manual")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules that were set, by (stream, field)."""

    known: dict[tuple[str, str], Rule] = field(default_factory=dict)

    def of(self, stream: str, path: str) -> Rule:
        """The rule of a path: its own, its field's, else the default."""
        name = path.partition("/")[0]
        return self.known.get((stream, path)) or self.known.get((stream, name)) or default_rule(name)


def default_rule(name: str) -> Rule:
    """`union` for what is made of items, `manual` for all else."""
    return _UNION if name in UNITED else _MANUAL


def load(tx: Transaction) -> Rules:
    """The rules as they stand."""
    return Rules({(stream, path): Rule(rule, tuple(sources)) for stream, path, rule, sources in tx.rows(_ALL)})


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two different values of one field, who says each, and whether both sides changed it since they agreed."""

    ours: Any
    our_source: Source
    theirs: Any
    their_source: Source
    is_clash: bool


def settle(rule: Rule, meeting: Meeting) -> Outcome:
    """Whose value holds; "open" where only a person can tell."""
    if rule.name == "newest":
        return "theirs" if meeting.their_source.at >= meeting.our_source.at else "ours"
    if rule.name in ("priority", "keep_first"):
        return _by_standing(rule, meeting)
    return "open" if meeting.is_clash else "theirs"


def _by_standing(rule: Rule, meeting: Meeting) -> Outcome:
    is_own = meeting.our_source.name == meeting.their_source.name
    if is_empty(meeting.ours) or (is_own and not meeting.is_clash):
        return "theirs"
    if is_empty(meeting.theirs) or rule.name == "keep_first":
        return "ours"
    mine, yours = rule.rank(meeting.our_source), rule.rank(meeting.their_source)
    if mine == yours and meeting.is_clash:
        return "theirs" if meeting.their_source.at >= meeting.our_source.at else "ours"
    return "theirs" if yours <= mine else "ours"


def is_empty(value: Any) -> bool:
    """Whether a field says nothing; zero and false say something."""
    return value in (None, "", [], {})
