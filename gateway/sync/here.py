"""What stands here of the records that a page speaks of: read at once for all of them, before any is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.db import Transaction
from gateway.sync import pending
from gateway.sync.merging import conflicts, rules
from gateway.sync.merging.memory import recall
from gateway.sync.merging.rules import Rules
from gateway.sync.merging.three_way import Standing
from gateway.sync.merging.words import NOTHING, Memory, remembered
from gateway.sync.streams import Row, Stream
from gateway.sync.work import Link


@dataclass(frozen=True, slots=True)
class Here:
    """Our rows, what changed in them that a link's partner does not have yet, and what waits for a steward.

    `withheld` are those of which the partner has no say any more.
    """

    rows: dict[UUID, Row] = field(default_factory=dict)
    changed: dict[UUID, frozenset[str]] = field(default_factory=dict)
    open: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    memories: dict[UUID, Memory] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    withheld: frozenset[UUID] = frozenset()

    def memory(self, record_id: UUID) -> Memory:
        """What the link remembers of a record."""
        return self.memories.get(record_id, NOTHING)

    def standing(self, record_id: UUID, link: Link, hidden: frozenset[str]) -> Standing:
        """How a record stands for a partner that may not see the fields `hidden`."""
        row = self.rows[record_id]
        return Standing(
            row=row,
            changed_here=self.changed.get(record_id, frozenset()),
            open=self.open.get(record_id, {}).keys(),
            hidden=hidden,
            own={str(link.id), f"partner:{link.partner}"},
            customer_id=row.get("customer_id", record_id),
        )


def look(tx: Transaction, link: Link, stream: Stream, record_ids: Iterable[UUID], *, lock: bool) -> Here:
    """Everything that stands here of these records; without `lock` nothing is held or written."""
    rows = stream.fetch(tx, record_ids, lock=lock)
    if not rows:
        return Here()
    changed = pending.changed_here(tx, link.id, stream.name, rows, lock=lock)
    memories = recall(tx, link.id, stream.name, rows)
    for record_id, memory in memories.items():
        if memory.lost and not memory.said:
            since = _changed_since(stream, rows[record_id], memory.lost)
            changed[record_id] = changed.get(record_id, frozenset()) | since
    return Here(
        rows=rows,
        changed=changed,
        open=conflicts.find_open(tx, link.id, stream.name, rows),
        memories=memories,
        rules=rules.load(tx),
        withheld=stream.withheld(tx, link, rows),
    )


def _changed_since(stream: Stream, row: Row, sent: Row) -> frozenset[str]:
    """The fields that say something else here than in a create whose answer was lost: it sends all, and tells none."""
    ours, then = stream.ours(row), remembered(stream, sent, sent, {})
    return frozenset(name for name in ours.keys() & then.keys() if not stream.same(name, ours[name], then[name]))
