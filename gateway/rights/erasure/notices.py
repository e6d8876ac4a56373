"""Telling partners: whoever received the person is told that they were erased, and asked to say that it followed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, text

from gateway import audit, outbox, vault
from gateway.channels import Channel
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import NotFound
from gateway.partners.models import Partner
from gateway.rights.erasure.models import Erasure, ErasureNotice

DAYS = 30
REMIND_EVERY = timedelta(days=7)
# Shares as they are; what a partner's system calls the record; what its endpoints were sent.
_RECEIVERS = Query(
    text(
        """
        SELECT partner_id, 'share', NULL FROM shares WHERE customer_id = ANY(:ids)
        UNION
        SELECT partner_id, 'share', NULL FROM past_shares WHERE customer_id = ANY(:ids)
        UNION
        SELECT l.partner_id, 'sync', r.external_id FROM sync_references r JOIN sync_links l ON l.id = r.link_id
        WHERE r.stream = 'customers' AND (r.record_id = ANY(:ids) OR r.alias_of = ANY(:ids))
        UNION
        SELECT l.partner_id, 'sync', NULL FROM sync_operations o JOIN sync_links l ON l.id = o.link_id
        WHERE o.record_id = ANY(:ids) AND (o.sent_at IS NOT NULL OR o.state = 'sent')
        UNION
        SELECT e.partner_id, 'webhook', NULL FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
        WHERE d.customer_id = ANY(:ids) AND d.attempts > 0 AND e.partner_id IS NOT NULL
        UNION
        SELECT p.id, 'share', NULL FROM audit_entries a JOIN partners p ON p.code = a.detail ->> 'partner'
        WHERE a.resource = 'customer' AND a.resource_id = ANY(:texts) AND a.action = 'customer.shared'
        UNION
        SELECT p.id, 'share', NULL FROM events e JOIN partners p ON p.id = ANY(e.partners)
        WHERE e.resource_id = ANY(:ids) AND cardinality(e.changed) > 0
        """
    )
)
# Who knew the person by the id of a record that became part of another; nobody else is told that there was one.
_KNEW = Query(
    text(
        """
        WITH lost AS (SELECT * FROM merges WHERE lose_id = ANY(:ids) AND keep_id = ANY(:ids) AND undone_at IS NULL)
        SELECT l.lose_id, ARRAY(
            SELECT unnest(l.partners)
            UNION SELECT unnest(e.partners) FROM events e WHERE e.resource_id = l.lose_id
            UNION SELECT p.id FROM audit_entries a JOIN partners p ON p.code = a.detail ->> 'partner'
                WHERE a.resource = 'customer' AND a.resource_id = CAST(l.lose_id AS text)
            UNION SELECT s.partner_id FROM merge_moves v, json_array_elements(v.kept -> 'moved') AS k
                JOIN past_shares s ON s.id = CAST(k ->> 'id' AS uuid)
                WHERE v.merge_id = l.id AND v.name = 'past_shares'
        ) FROM lost l
        """
    )
)


def prepare(tx: Transaction, erasure: Erasure) -> int:
    """Write down who received the person, while it can still be known; answers how many. Again, it adds who is new."""
    known = {notice.partner_id: notice for notice in of_case(tx, erasure.case_id)}
    received: dict[UUID, tuple[set[str], set[str]]] = {}
    ids = list(erasure.customer_ids)
    for partner_id, ground, reference in tx.rows(_RECEIVERS, ids=ids, texts=[str(each) for each in ids]):
        grounds, references = received.setdefault(partner_id, (set(), set()))
        grounds.add(ground)
        if reference is not None:
            references.add(reference)
    knew: dict[UUID, list[UUID]] = dict(tx.rows(_KNEW, ids=ids))
    for partner_id, (grounds, references) in received.items():
        theirs = [each for each in ids if partner_id in knew.get(each, (partner_id,))]
        if (notice := known.get(partner_id)) is None:
            tx.session.add(_notice(erasure.case_id, partner_id, theirs, grounds, references))
        elif notice.told_at is None:
            _widen(notice, theirs, grounds, references)
    tx.session.flush()
    return len(received)


def tell(tx: Transaction, erasure: Erasure) -> None:
    """Tell every partner that was not told yet, by an event that names ids alone."""
    for notice in of_case(tx, erasure.case_id):
        if notice.told_at is None:
            notice.told_at, notice.due_at = now(), now() + timedelta(days=DAYS)
            _record(tx, notice)


def remind(tx: Transaction) -> int:
    """Tell those again who have not answered for a week; answers how many."""
    before = now() - REMIND_EVERY
    late = select(ErasureNotice).where(
        ErasureNotice.acknowledged_at.is_(None),
        ErasureNotice.told_at < before,
        (ErasureNotice.reminded_at.is_(None)) | (ErasureNotice.reminded_at < before),
    )
    found = tx.scalars(late.order_by(ErasureNotice.id).limit(500).with_for_update(skip_locked=True))
    for notice in found:
        notice.reminded_at, notice.reminders = now(), notice.reminders + 1
        _record(tx, notice)
    return len(found)


def acknowledge(tx: Transaction, notice_id: UUID) -> ErasureNotice:
    """Take a partner's word that it has erased the person too; a second time changes nothing. Raises NotFound."""
    notice = get(tx, notice_id, lock=True)
    if notice.acknowledged_at is None:
        notice.acknowledged_at, notice.acknowledged_by = now(), tx.caller.actor
        notice.references_sealed = None
        audit.record(tx, "erasure.acknowledged", "erasure_notice", notice.id, {"case_id": str(notice.case_id)})
        tx.session.flush()
    return notice


def get(tx: Transaction, notice_id: UUID, *, lock: bool = False) -> ErasureNotice:
    """One notice the caller may see, once it was told; raises NotFound."""
    notice = tx.session.get(ErasureNotice, notice_id, with_for_update=lock, populate_existing=lock)
    if notice is None or notice.told_at is None or not _is_shown(tx, notice):
        raise NotFound
    return notice


def find(
    tx: Transaction, limit: int, before: UUID | None = None, is_acknowledged: bool | None = None
) -> list[ErasureNotice]:
    """The caller's own notices, the newest first."""
    told = select(ErasureNotice).where(
        ErasureNotice.told_at.is_not(None), ErasureNotice.partner_id == tx.caller.partner_id
    )
    statement = told.order_by(ErasureNotice.id.desc()).limit(limit)
    if is_acknowledged is not None:
        answered = ErasureNotice.acknowledged_at
        statement = statement.where(answered.is_not(None) if is_acknowledged else answered.is_(None))
    return tx.scalars(statement if before is None else statement.where(ErasureNotice.id < before))


def owed(tx: Transaction, limit: int, due_before: datetime | None = None) -> list[tuple[str, ErasureNotice]]:
    """What partners were told and have not acknowledged, by their codes, what is due first before the others."""
    told = select(Partner.code, ErasureNotice).join(Partner, Partner.id == ErasureNotice.partner_id)
    told = told.where(ErasureNotice.told_at.is_not(None), ErasureNotice.acknowledged_at.is_(None))
    if due_before is not None:
        told = told.where(ErasureNotice.due_at < due_before)
    found = tx.session.execute(told.order_by(ErasureNotice.due_at, ErasureNotice.id).limit(limit))
    return [(code, notice) for code, notice in found]


def of_case(tx: Transaction, case_id: UUID) -> list[ErasureNotice]:
    """Every notice of a case."""
    return tx.scalars(select(ErasureNotice).where(ErasureNotice.case_id == case_id).order_by(ErasureNotice.id))


def references_of(notice: ErasureNotice) -> list[str]:
    """The partner's own names of the record, until it has answered; raises SealBroken."""
    sealed = notice.references_sealed
    return [] if sealed is None else list(orjson.loads(vault.unseal(sealed, bound_to(notice.id))))


def _is_shown(tx: Transaction, notice: ErasureNotice) -> bool:
    return tx.caller.channel is not Channel.EXTRANET or notice.partner_id == tx.caller.partner_id


def _notice(
    case_id: UUID, partner_id: UUID, ids: list[UUID], grounds: Iterable[str], references: Iterable[str]
) -> ErasureNotice:
    notice_id = new_id()
    return ErasureNotice(
        id=notice_id, case_id=case_id, partner_id=partner_id, former_ids=ids, grounds=sorted(grounds),
        references_sealed=_sealed(notice_id, references), due_at=now() + timedelta(days=DAYS), reminders=0,
    )  # fmt: skip


def _widen(notice: ErasureNotice, ids: list[UUID], grounds: set[str], references: set[str]) -> None:
    """Add to a notice that nobody was told yet what a merge has brought since."""
    notice.former_ids = list(dict.fromkeys([*notice.former_ids, *ids]))
    notice.grounds = sorted({*notice.grounds, *grounds})
    notice.references_sealed = _sealed(notice.id, {*references_of(notice), *references})


def _sealed(notice_id: UUID, references: Iterable[str]) -> str | None:
    names = sorted(references)
    return vault.seal(orjson.dumps(names).decode(), bound_to(notice_id)) if names else None


def _record(tx: Transaction, notice: ErasureNotice) -> None:
    ids = [str(each) for each in notice.former_ids]
    record: dict[str, Any] = {"id": ids[0], "erasure_id": str(notice.id), "customer_ids": ids, "due_at": notice.due_at}
    # Without a customer_id: the partner sees it although nothing is shared with it any more, and it is not erased.
    outbox.record(
        tx,
        outbox.Event(
            type="customer.erased",
            resource_id=notice.former_ids[0],
            customer_id=None,
            record=record,
            partners=[notice.partner_id],
            is_for_customer=False,
        ),
    )


def bound_to(notice_id: UUID) -> str:
    """What the partner's own ids in a notice are sealed for."""
    return f"erasure_notice:{notice_id}:references"
