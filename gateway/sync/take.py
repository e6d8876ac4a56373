"""Taking over a page: what was decided of its records is written set by set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.sync import crossref, rejects
from gateway.sync.plan import Plan, decide
from gateway.sync.streams import Stream
from gateway.sync.work import Link, Tally

_DROP_OPERATIONS = Query(
    text("DELETE FROM sync_operations WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids)")
)


def take(tx: Transaction, link: Link, stream: Stream, records: Sequence[Any], tally: Tally) -> None:
    """Take over a page of records; bad ones are kept as rejected and the rest go on."""
    if not records:
        return
    plan = decide(tx, link, stream, records)
    write(tx, link, stream, plan)
    tally["created"] += len(plan.created)
    tally["changed"] += len(plan.changed)
    tally["rejected"] += len(plan.rejected)
    tally["conflicts"] += len(plan.clashes)
    tally["unchanged"] += plan.unchanged


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
