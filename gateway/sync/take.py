"""Taking over a page: what was decided of its records is written set by set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.db import Transaction
from gateway.sync import crossref, operations, rejects
from gateway.sync.merging import conflicts
from gateway.sync.merging.memory import learn
from gateway.sync.operations import Wish
from gateway.sync.plan import Plan, decide
from gateway.sync.streams import Stream
from gateway.sync.work import Link, Tally


def take(tx: Transaction, link: Link, stream: Stream, records: Sequence[Any], tally: Tally) -> None:
    """Take over a page of records; bad ones are kept as rejected and the rest go on."""
    if not records:
        return
    plan = decide(tx, link, stream, records)
    write(tx, link, stream, plan)
    plan.count(tally)


def write(tx: Transaction, link: Link, stream: Stream, plan: Plan) -> None:
    """Write what was decided, set by set."""
    stream.create(tx, link, plan.created, (draft.record for draft in plan.drafted))
    stream.change(tx, plan.changed)
    if plan.revived:
        stream.revive(tx, link, plan.revived)
    conflicts.save(tx, link.id, stream.name, plan.clashes)
    conflicts.agree(tx, link.id, stream.name, plan.agreed)
    learn(tx, link.id, stream.name, plan.learnt)
    operations.add(tx, link.id, stream.name, (Wish(record_id, fields) for record_id, fields in plan.refused))
    references = (draft.reference for draft in plan.drafted)
    crossref.save(tx, link.id, stream.name, plan.seen, plan.adopted, references)
    operations.are_named(tx, link.id, stream.name, plan.adopted)
    # What changed here while a record was gone there was told to nobody: it goes out now, as far as it is news.
    operations.add(tx, link.id, stream.name, map(Wish, plan.revived))
    rejects.keep(tx, link.id, stream.name, plan.rejected)
    rejects.settle(tx, link.id, stream.name, plan.sound)


def follow_deletions(tx: Transaction, link: Link, stream: Stream, external_ids: Sequence[str], tally: Tally) -> None:
    """Follow what the partner deleted; a second time changes nothing."""
    if not external_ids:
        return
    ended = crossref.end(tx, link.id, stream.name, external_ids)
    tally["deleted"] += len(ended)
    rejects.settle(tx, link.id, stream.name, external_ids)
    if ended:
        stream.end(tx, link, ended)
        record_ids = [record_id for _, record_id, _ in ended]
        conflicts.let_go(tx, link.id, stream.name, record_ids)
        operations.drop(tx, link, stream.name, record_ids)
