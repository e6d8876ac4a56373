"""The ledger: what was acknowledged, what is stored, what was told, what arrived; and in words where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_SHOWN = 3


@dataclass
class Ledger:
    """The books of one test. Interactions are known by their subject, which is the key they were posted under.

    `acknowledged` holds the id each key was answered with, `stored` every (subject, id), `told` the record ids of
    creation events, `owed` and `heard` the ids of events that are to be delivered and that arrived.
    """

    acknowledged: dict[str, str]
    stored: Sequence[tuple[str, str]]
    told: Sequence[str]
    partner_has: Sequence[str] | None = None
    owed: Sequence[str] = ()
    heard: Sequence[str] = ()
    _found: list[str] = field(default_factory=list, init=False)

    def differences(self) -> list[str]:
        """Each difference in a sentence; none when nothing was lost and nothing doubled."""
        self._found = []
        ids = dict(self.stored)
        self._compare("acknowledged", self.acknowledged, "stored", [subject for subject, _ in self.stored])
        others = [key for key, found in self.acknowledged.items() if key in ids and ids[key] != found]
        self._note("acknowledged under one id and stored under another", others)
        self._compare("stored", [found for _, found in self.stored], "told by an event", self.told)
        if self.partner_has is not None:
            self._compare("stored", ids, "at the partner", self.partner_has)
        self._note("owed and never heard", sorted(set(self.owed) - set(self.heard)))
        self._note("heard and not owed", sorted(set(self.heard) - set(self.owed)))
        return self._found

    def counts(self) -> str:
        """The totals, for a person to read."""
        parts = [f"{len(self.acknowledged)} acknowledged", f"{len(self.stored)} stored", f"{len(self.told)} events"]
        if self.partner_has is not None:
            parts.append(f"{len(self.partner_has)} at the partner")
        if self.owed or self.heard:
            parts.append(f"{len(self.owed)} owed, {len(self.heard)} messages heard ({len(set(self.heard))} different)")
        return ", ".join(parts)

    def _compare(self, left: str, ours: Iterable[str], right: str, theirs: Iterable[str]) -> None:
        here, there = Counter(list(ours)), Counter(list(theirs))
        self._note(f"{left} and not {right}", sorted(here.keys() - there.keys()))
        self._note(f"{right} and not {left}", sorted(there.keys() - here.keys()))
        self._note(f"{left} more than once", sorted(each for each, times in here.items() if times > 1))
        self._note(f"{right} more than once", sorted(each for each, times in there.items() if times > 1))

    def _note(self, what: str, which: Sequence[str]) -> None:
        if which:
            more = ", …" if len(which) > _SHOWN else ""
            self._found.append(f"{len(which)} {what}: {', '.join(which[:_SHOWN])}{more}")
