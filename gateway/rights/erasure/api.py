"""Erasures: what one would remove, its ledger, coming back; and for partners, what they were told and acknowledge."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.db import Transaction, now
from gateway.errors import NotFound
from gateway.http import Call, Operations, Reply
from gateway.paging import Page
from gateway.partners import service as partners
from gateway.rights.cases import service as cases
from gateway.rights.erasure import notices, readmission, work
from gateway.rights.erasure.models import Erasure, ErasureNotice
from schemas import erasure as shapes

operations = Operations("Erasures")
_INSIDE, _PARTNERS = (Channel.INTRANET,), (Channel.EXTRANET,)
_READ, _WRITE, _ANSWER = "rights:read", "rights:write", "rights:acknowledge"


@operations.get("/rights-requests/<id:case_id>/preview", scope=_READ, channels=_INSIDE, returns=shapes.ErasurePreview)
def preview_erasure(call: Call, case_id: UUID) -> Reply:
    """What erasing this customer would remove, by what it is."""
    case = cases.get(call.tx, case_id)
    if case.kind != work.ERASURE.name:
        raise NotFound
    return Reply({"customer_id": case.customer_id, "counts": work.preview(call.tx, case.customer_id)})


@operations.get("/rights-requests/<id:case_id>/erasure", scope=_READ, channels=_INSIDE, returns=shapes.Erasure)
def get_erasure(call: Call, case_id: UUID) -> Reply:
    """The ledger of an erasure that was started: what went, and how far each partner is."""
    erasure = call.tx.session.get(Erasure, case_id)
    if erasure is None:
        raise NotFound
    told = notices.of_case(call.tx, case_id)
    names = tuple(shapes.Erasure._declared_fields)
    shown = {name: getattr(erasure, name) for name in names if name != "notices"}
    return Reply({**shown, "notices": [_state(call.tx, each) for each in told]})


@operations.post(
    "/readmissions", scope=_WRITE, channels=_INSIDE, body=shapes.Readmission, returns=shapes.Readmitted, status=200
)
def readmit_person(call: Call) -> Reply:
    """Let somebody who was erased become a customer again, because they wish to; nothing of theirs comes back."""
    return Reply({"readmitted": readmission.readmit(call.tx, call.body)})


@operations.list("/erasures", scope=_ANSWER, channels=_PARTNERS, query=shapes.NoticeQuery, returns=shapes.Notice)
def list_erasures(call: Call) -> Page:
    """List the erasures that you were told of, the newest first."""
    limit, after = call.query["limit"], call.after
    found = notices.find(call.tx, limit + 1, after[0] if after else None, call.query.get("acknowledged"))
    return Page([_shown(each) for each in found[:limit]], (found[limit - 1].id,) if len(found) > limit else None)


@operations.get("/erasures/<id:erasure_id>", scope=_ANSWER, channels=_PARTNERS, returns=shapes.Notice)
def get_erasure_notice(call: Call, erasure_id: UUID) -> Reply:
    """One erasure that you were told of, with your own ids of the person until you acknowledge it."""
    return Reply(_shown(notices.get(call.tx, erasure_id)))


@operations.post(
    "/erasures/<id:erasure_id>/acknowledgement", scope=_ANSWER, channels=_PARTNERS, returns=shapes.Notice, status=200
)
def acknowledge_erasure(call: Call, erasure_id: UUID) -> Reply:
    """Say that you have erased the person too; a second time changes nothing."""
    return Reply(_shown(notices.acknowledge(call.tx, erasure_id)))


def _shown(notice: ErasureNotice) -> dict[str, Any]:
    names = ("id", "told_at", "due_at", "acknowledged_at")
    shown = {name: getattr(notice, name) for name in names}
    return {**shown, "customer_ids": notice.former_ids, "references": notices.references_of(notice)}


def _state(tx: Transaction, notice: ErasureNotice) -> dict[str, Any]:
    names = ("grounds", "told_at", "due_at", "reminders", "acknowledged_at", "acknowledged_by")
    is_overdue = notice.acknowledged_at is None and notice.due_at < now()
    shown = {name: getattr(notice, name) for name in names}
    return {**shown, "partner": partners.get(tx, notice.partner_id).code, "is_overdue": is_overdue}
