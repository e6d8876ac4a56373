"""Recording and reading what customers have said. Nothing here commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, text

from gateway import audit, outbox
from gateway.channels import Channel
from gateway.consent import audience
from gateway.consent.audience import Audience
from gateway.consent.contact_points import Point, points_of
from gateway.consent.purposes import service as purposes
from gateway.consent.purposes.models import Purpose
from gateway.consent.statements.models import Statement
from gateway.consent.statements.standing import Word
from gateway.customers import search
from gateway.db import Query, Transaction, now
from gateway.errors import refuse_field
from schemas.consent import CHANNELS, EVERY_CHANNEL, ConsentChange

_SKEW = timedelta(minutes=5)
PARTNERS_SHARING = Query(text("SELECT partners_sharing(:id)"))
_PROOF = ("text", "reference")


def record(tx: Transaction, customer_id: UUID, said: dict[str, Any]) -> Statement:
    """Write down a loaded statement input; raises NotFound for a customer the caller may not see, and Invalid."""
    points = points_of(search.get(tx, customer_id, ("contact_points",)))
    _check_purpose(tx, said)
    to = audience.named(tx, customer_id, said["audience"], said.get("partner"))
    values = _times(said) | _proof(tx, said, to) | _point(points, said)
    return write(tx, customer_id, to, {name: said[name] for name in ("purpose", "channel", "decision")} | values)


def write(tx: Transaction, customer_id: UUID, to: Audience, values: dict[str, Any]) -> Statement:
    """Store a statement that was checked, and tell those who may see it."""
    caller = tx.caller
    statement = Statement(
        customer_id=customer_id,
        said_of=customer_id,
        audience=to.kind,
        partner_id=to.partner_id,
        partner=to.partner,
        recorded_at=now(),
        recorded_by=caller.actor,
        **{"recorder_id": caller.partner_id, "recorder": caller.partner or None} | values,
    )
    tx.session.add(statement)
    tx.session.flush()
    _tell(tx, statement)
    audit.record(tx, "consent.recorded", "customer", customer_id, {"statement": str(statement.id)})
    return statement


def history(
    tx: Transaction, customer_id: UUID, purpose: str | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Statement]:
    """What a customer has said, as far as the caller may see it, the latest word first."""
    statement = select(Statement).where(Statement.customer_id == customer_id)
    if purpose is not None:
        statement = statement.where(or_(Statement.purpose == purpose, Statement.purpose.is_(None)))
    if after is not None:
        said_at, last_id = after
        is_later = (Statement.said_at < said_at) | ((Statement.said_at == said_at) & (Statement.id < last_id))
        statement = statement.where(Statement.said_at <= said_at, is_later)
    return tx.scalars(statement.order_by(Statement.said_at.desc(), Statement.id.desc()).limit(limit))


def words_to(tx: Transaction, customer_id: UUID, who: Audience) -> list[Word]:
    """Everything a customer has said to this one or to everybody."""
    to_them = (Statement.audience == who.kind) & Statement.partner_id.is_not_distinct_from(who.partner_id)
    statement = select(Statement).where(
        Statement.customer_id == customer_id, or_(Statement.audience == audience.ALL, to_them)
    )
    return [_word(each) for each in tx.scalars(statement)]


def _word(said: Statement) -> Word:
    moves = tuple((UUID(record), datetime.fromisoformat(since)) for record, since in said.moves)
    same = {
        name: getattr(said, name)
        for name in (
            "id", "purpose", "channel", "contact_value", "audience", "partner_id", "said_at", "valid_until",
            "recorded_at", "said_of",
        )
    }  # fmt: skip
    return Word(**same, is_granted=said.decision == "granted", moves=moves)


def _check_purpose(tx: Transaction, said: dict[str, Any]) -> None:
    if said["purpose"] is None:
        return
    purpose = purposes.named(tx, said["purpose"])
    if purpose.is_archived and said["decision"] == "granted":
        raise refuse_field("/purpose", "archived", "Nobody is asked for this any more.")
    if purpose.is_duty:
        raise refuse_field("/purpose", "legal", "This is a duty under the law: nobody is asked for it.")


def _times(said: dict[str, Any]) -> dict[str, datetime | None]:
    moment = now()
    said_at: datetime = said.get("said_at") or moment
    if said_at > moment + _SKEW:
        raise refuse_field("/said_at", "in_future", "Nobody has said this yet.")
    until: datetime | None = said["valid_until"]
    if until is not None and until <= said_at:
        raise refuse_field("/valid_until", "too_early", "Later than it was said.")
    return {"said_at": min(said_at, moment), "valid_until": until}


def _proof(tx: Transaction, said: dict[str, Any], to: Audience) -> dict[str, Any]:
    """Where a statement comes from; a partner that claims consent, or speaks to everybody, proves it."""
    if tx.caller.channel is Channel.INTERNET:
        seen = {"ip": tx.caller.address, "wording": said.get("wording")}
        return {"source": "own_account", "evidence": {name: value for name, value in seen.items() if value}}
    evidence = said["evidence"]
    if tx.caller.channel is Channel.EXTRANET:
        if to.kind == audience.ALL and said["decision"] == "granted":
            raise refuse_field("/audience", "not_yours", "Consent is given to yourself alone.")
        is_claim = said["decision"] == "granted" or to.kind == audience.ALL
        if is_claim and not any(evidence.get(name) for name in _PROOF):
            raise refuse_field("/evidence", "required", "Say what proves it: its text or a reference.")
    return {"source": said["source"], "evidence": evidence}


def _point(points: list[Point], said: dict[str, Any]) -> dict[str, Any]:
    wanted = said["contact_point"]
    if wanted is None:
        return {"contact_point": None, "contact_value": None}
    point = next((each for each in points if each.id == wanted), None)
    if point is None:
        raise refuse_field("/contact_point", "unknown", "The customer has no contact point with this id.")
    if said["channel"] != EVERY_CHANNEL and not point.serves(said["channel"]):
        served = ", ".join(name for name in CHANNELS if point.serves(name))
        raise refuse_field("/channel", "unfit", f"This contact point is for {served}.")
    return {"contact_point": point.id, "contact_value": point.value}


def _tell(tx: Transaction, said: Statement) -> None:
    row = tx.first(PARTNERS_SHARING, id=said.customer_id)
    sharing: list[UUID] = row[0] if row else []
    told = sharing if said.audience == audience.ALL else [each for each in sharing if each == said.partner_id]
    outbox.record(
        tx,
        outbox.Event(
            type="consent.changed",
            resource_id=said.id,
            customer_id=said.customer_id,
            record={name: getattr(said, name) for name in ConsentChange._declared_fields},
            partners=told,
            is_for_customer=True,
        ),
    )


def purposes_asked(tx: Transaction) -> list[Purpose]:
    """The purposes a customer can be contacted for now."""
    return [each for each in purposes.list_all(tx) if not each.is_archived]
