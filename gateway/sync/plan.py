"""What a page of records will become: decided record by record, with nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gateway.bulk import Changed
from gateway.db import Transaction, new_id
from gateway.errors import Invalid, refuse_field
from gateway.sync import crossref, incoming, pending
from gateway.sync.crossref import Known, Seen
from gateway.sync.incoming import Incoming
from gateway.sync.merging.clash import Clash, Refused
from gateway.sync.rejects import Rejection
from gateway.sync.streams import Loaded, Row, Stream, TooEarly
from gateway.sync.work import Link


@dataclass(slots=True)
class Plan:
    """What a page will write.

    `created` rows carry their new `id`; `changed` say each record before, after and in which fields; `seen` ties every
    record taken, or unchanged but for its version, to the partner's external id; `refused` are words that a rule
    answers with ours, `clashes` the fields that both sides changed.
    """

    created: list[Row] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    revived: list[UUID] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    adopted: set[UUID] = field(default_factory=set)
    rejected: list[Rejection] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    unchanged: int = 0


def decide(tx: Transaction, link: Link, stream: Stream, records: Sequence[Any], *, lock: bool = True) -> Plan:
    """Find out what each record of a page will become; without `lock` it may run in a READ ONLY transaction."""
    arrived, unusable = incoming.read(records)
    known = crossref.find(tx, link.id, stream.name, [each.external_id for each in arrived])
    news = [each for each in arrived if incoming.is_news(each, known.get(each.external_id))]
    plan = Plan(rejected=unusable)
    if news:
        _Deciding(tx, link, stream, known, plan).decide(news, lock)
    _note_unchanged(arrived, news, known, plan)
    taken = len(plan.created) + len(plan.changed) + len(plan.rejected)
    plan.unchanged = len(arrived) + len(unusable) - taken
    return plan


@dataclass(frozen=True, slots=True)
class _Deciding:
    """The records of one page, on their way into its plan."""

    tx: Transaction
    link: Link
    stream: Stream
    known: dict[str, Known]
    plan: Plan

    def decide(self, news: Sequence[Incoming], lock: bool) -> None:
        """Sort every record that says something new into the plan."""
        valid = self._valid(news)
        owners = self._owners(valid)
        before = self.stream.fetch(self.tx, owners.values(), lock=lock) if owners else {}
        kept = pending.changed_here(self.tx, self.link.id, self.stream.name, before, lock=lock)
        related = self.stream.relate(self.tx, self.link, (data for _, data in valid))
        for each, data in valid:
            record_id = owners.get(each.external_id)
            try:
                record_id = self._place(each, data, record_id, before, related, kept)
            except TooEarly as early:
                self.plan.rejected.append(Rejection(each.raw, early.errors, each.external_id, early.customer))
            except Invalid as invalid:
                self.plan.rejected.append(Rejection(each.raw, invalid.errors, each.external_id))
            else:
                self.plan.seen.append(Seen(each.external_id, record_id, each.content_hash, each.version))

    def _valid(self, news: Sequence[Incoming]) -> list[tuple[Incoming, Loaded]]:
        valid = []
        for each in news:
            loaded = incoming.load(self.stream.schema, each)
            if isinstance(loaded, Rejection):
                self.plan.rejected.append(loaded)
            else:
                valid.append((each, loaded))
        return valid

    def _owners(self, valid: Sequence[tuple[Incoming, Loaded]]) -> dict[str, UUID]:
        """Which of our records each of them is, as far as we have it; one that we sent ourselves is recognised."""
        owners = {
            each.external_id: self.known[each.external_id].record_id
            for each, _ in valid
            if each.external_id in self.known
        }
        named = {
            record_id: each.external_id
            for each, data in valid
            if each.external_id not in owners and (record_id := _as_id(data.get("reference"))) is not None
        }
        for record_id in pending.adoptable(self.tx, self.link.id, self.stream.name, named):
            owners[named[record_id]] = record_id
            self.plan.adopted.add(record_id)
        return owners

    def _place(
        self,
        each: Incoming,
        data: Loaded,
        record_id: UUID | None,
        before: dict[UUID, Row],
        related: dict[str, UUID],
        kept: dict[UUID, frozenset[str]],
    ) -> UUID:
        """The record it becomes, or changes; raises Invalid for one that cannot be taken."""
        reference = self.known.get(each.external_id)
        was_deleted = reference is not None and reference.is_deleted
        if record_id is not None and record_id in before:
            self._merge(before[record_id], data, related, kept.get(record_id, frozenset()))
            if was_deleted:
                self.plan.revived.append(record_id)
            return record_id
        if record_id is not None and not was_deleted:
            raise refuse_field("", "deleted_here", "This record was deleted here; a sync does not bring it back.")
        made = record_id or new_id()
        self.plan.created.append({**self.stream.build(self.link, data, related), "id": made})
        return made

    def _merge(self, before: Row, data: Loaded, related: dict[str, UUID], kept: frozenset[str]) -> None:
        change = self.stream.merge(before, data, related, frozenset())
        for name in kept.intersection(change.fields) - {"display_name"} if change is not None else ():
            clash = Clash(before["id"], name, None, None, None, None, None, None, "manual", "ours")
            self.plan.clashes.append(clash)
        change = self.stream.merge(before, data, related, kept)
        if change is not None:
            self.plan.changed.append(change)


def _as_id(reference: str | None) -> UUID | None:
    try:
        return UUID(reference) if reference else None
    except ValueError:
        return None


def _note_unchanged(arrived: Sequence[Incoming], news: Sequence[Incoming], known: dict[str, Known], plan: Plan) -> None:
    """Remember new versions and echoes of records that say nothing new, and write nothing for the others."""
    names = {each.external_id for each in news}
    for each in arrived:
        if each.external_id not in names:
            reference = known[each.external_id]
            if (reference.content_hash, reference.version) != (each.content_hash, each.version):
                plan.seen.append(Seen(each.external_id, reference.record_id, each.content_hash, each.version))
