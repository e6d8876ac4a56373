"""Taking over a page: what is new, changed, an echo or bad is decided record by record and written set by set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction, new_id
from gateway.errors import Invalid
from gateway.sync import crossref, incoming, pending, rejects
from gateway.sync.crossref import Known, Seen
from gateway.sync.incoming import Incoming
from gateway.sync.rejects import Rejection
from gateway.sync.streams import Loaded, Row, Stream, TooEarly
from gateway.sync.work import Link, Tally

_DROP_OPERATIONS = Query(
    text("DELETE FROM sync_operations WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids)")
)


@dataclass(slots=True)
class Plan:
    """What a page will write."""

    created: list[Row] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    revived: list[UUID] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    adopted: set[UUID] = field(default_factory=set)
    rejected: list[Rejection] = field(default_factory=list)
    conflicts: int = 0


def take(tx: Transaction, link: Link, stream: Stream, records: Sequence[Any], tally: Tally) -> None:
    """Take over a page of records; bad ones are kept as rejected and the rest go on."""
    if not records:
        return
    arrived, unusable = incoming.read(records)
    known = crossref.find(tx, link.id, stream.name, [each.external_id for each in arrived])
    news = [each for each in arrived if incoming.is_news(each, known.get(each.external_id))]
    plan = Plan(rejected=unusable)
    decide(tx, link, stream, news, known, plan)
    _note_unchanged(arrived, news, known, plan)
    write(tx, link, stream, plan)
    tally["created"] += len(plan.created)
    tally["changed"] += len(plan.changed)
    tally["rejected"] += len(plan.rejected)
    tally["conflicts"] += plan.conflicts
    tally["unchanged"] += len(arrived) + len(unusable) - len(plan.created) - len(plan.changed) - len(plan.rejected)


def decide(
    tx: Transaction, link: Link, stream: Stream, news: Sequence[Incoming], known: dict[str, Known], plan: Plan
) -> None:
    """Find out what each record that says something new will become."""
    valid: list[tuple[Incoming, Loaded]] = []
    for each in news:
        loaded = incoming.load(stream.schema, each)
        if isinstance(loaded, Rejection):
            plan.rejected.append(loaded)
        else:
            valid.append((each, loaded))
    owners = _owners(tx, link, stream, valid, known, plan)
    before = stream.fetch(tx, owners.values()) if owners else {}
    kept = pending.changed_here(tx, link.id, stream.name, before)
    related = stream.relate(tx, link, (data for _, data in valid))
    for each, data in valid:
        reference = known.get(each.external_id)
        record_id = owners.get(each.external_id)
        try:
            if record_id is None:
                row = {**stream.build(link, data, related), "id": new_id()}
                plan.created.append(row)
                record_id = row["id"]
            elif record_id in before:
                _merge(stream, before[record_id], data, related, kept.get(record_id, frozenset()), plan)
                if reference is not None and reference.is_deleted:
                    plan.revived.append(record_id)
            elif reference is not None and reference.is_deleted:
                plan.created.append({**stream.build(link, data, related), "id": record_id})
            else:
                plan.rejected.append(_gone(each))
                continue
        except TooEarly as early:
            plan.rejected.append(Rejection(each.raw, early.errors, each.external_id, early.customer))
        except Invalid as invalid:
            plan.rejected.append(Rejection(each.raw, invalid.errors, each.external_id))
        else:
            plan.seen.append(Seen(each.external_id, record_id, each.content_hash, each.version))


def _owners(
    tx: Transaction,
    link: Link,
    stream: Stream,
    valid: Sequence[tuple[Incoming, Loaded]],
    known: dict[str, Known],
    plan: Plan,
) -> dict[str, UUID]:
    """Which of our records each of them is, as far as we have it; one that we sent ourselves is recognised."""
    owners = {each.external_id: known[each.external_id].record_id for each, _ in valid if each.external_id in known}
    named = {
        record_id: each.external_id
        for each, data in valid
        if each.external_id not in owners and (record_id := _as_id(data.get("reference"))) is not None
    }
    for record_id in pending.adoptable(tx, link.id, stream.name, named):
        owners[named[record_id]] = record_id
        plan.adopted.add(record_id)
    return owners


def _as_id(reference: str | None) -> UUID | None:
    try:
        return UUID(reference) if reference else None
    except ValueError:
        return None


def _merge(
    stream: Stream, before: Row, data: Loaded, related: dict[str, UUID], kept: frozenset[str], plan: Plan
) -> None:
    change = stream.merge(before, data, related, frozenset())
    if change is not None and not kept.isdisjoint(change.fields):
        # Both sides changed the record: what was changed here stays, and goes to the partner with the next push.
        plan.conflicts += 1
        change = stream.merge(before, data, related, kept)
    if change is not None:
        plan.changed.append(change)


def _gone(each: Incoming) -> Rejection:
    message = "This record was deleted here; a sync does not bring it back."
    return Rejection(each.raw, [{"pointer": "", "code": "deleted_here", "message": message}], each.external_id)


def _note_unchanged(arrived: Sequence[Incoming], news: Sequence[Incoming], known: dict[str, Known], plan: Plan) -> None:
    """Remember new versions and echoes of records that say nothing new, and write nothing for the others."""
    names = {each.external_id for each in news}
    for each in arrived:
        if each.external_id not in names:
            reference = known[each.external_id]
            if (reference.content_hash, reference.version) != (each.content_hash, each.version):
                plan.seen.append(Seen(each.external_id, reference.record_id, each.content_hash, each.version))


def write(tx: Transaction, link: Link, stream: Stream, plan: Plan) -> None:
    """Write what was decided, set by set."""
    stream.create(tx, link, plan.created)
    stream.change(tx, plan.changed)
    if plan.revived:
        stream.revive(tx, link, plan.revived)
    crossref.save(tx, link.id, stream.name, plan.seen, plan.adopted)
    rejects.keep(tx, link.id, stream.name, plan.rejected)
    rejects.settle(tx, link.id, stream.name, [each.external_id for each in plan.seen])


def follow_deletions(tx: Transaction, link: Link, stream: Stream, external_ids: Sequence[str], tally: Tally) -> None:
    """Follow what the partner deleted; a second time changes nothing."""
    if not external_ids:
        return
    ended = crossref.end(tx, link.id, stream.name, external_ids)
    tally["deleted"] += len(ended)
    rejects.settle(tx, link.id, stream.name, external_ids)
    if ended:
        stream.end(tx, link, ended)
        tx.run(_DROP_OPERATIONS, link=link.id, stream=stream.name, ids=[record_id for _, record_id, _ in ended])
