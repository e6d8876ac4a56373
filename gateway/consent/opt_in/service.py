"""Asking a customer for consent at a contact point, and taking their answer. Nothing here commits.

Who asks never learns the secret that answers: it is made for the sender inside, and kept as a mark alone.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from hmac import compare_digest
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit, outbox
from gateway.channels import Channel
from gateway.consent import audience, turns
from gateway.consent.audience import Audience
from gateway.consent.contact_points import Point, points_of
from gateway.consent.opt_in import wording
from gateway.consent.opt_in.models import Confirmation
from gateway.consent.purposes import service as purposes
from gateway.consent.purposes.models import Purpose
from gateway.consent.statements import service as statements
from gateway.customers import search
from gateway.customers import service as customers
from gateway.db import Query, Transaction, now
from gateway.errors import Conflict, NotFound, refuse_field
from gateway.vault import fingerprint

LIFE = timedelta(days=7)
_KEEP = timedelta(days=90)
_FORGET = Query(text("DELETE FROM consent_confirmations WHERE expires_at < now() - CAST(:keep AS interval)"))


class ConfirmationOver(Conflict):
    """It was answered, or nobody answered in time."""

    code, title = "confirmation_over", "This request was answered, or it has expired"


def ask(tx: Transaction, asked: dict[str, Any]) -> Confirmation:
    """Have a customer asked; while one request is open, asking again is the same one. Raises NotFound, Invalid."""
    customer = search.get(tx, asked["customer_id"], ("contact_points", "locale"))
    purpose = _askable(tx, asked["purpose"])
    point = _point(points_of(customer), asked)
    to = audience.of_caller(tx.caller) if tx.caller.channel is Channel.EXTRANET else Audience(asked["audience"])
    turns.take(tx, asked["customer_id"])
    known = _open(tx, asked, point, to)
    if known is not None:
        return known
    confirmation = Confirmation(
        customer_id=asked["customer_id"],
        partner_id=to.partner_id,
        partner=to.partner,
        audience=to.kind,
        purpose=purpose.code,
        channel=asked["channel"],
        contact_point=point.id,
        contact_value=point.value,
        wording=asked.get("wording"),
        requested_by=tx.caller.actor,
        expires_at=now() + LIFE,
    )
    tx.session.add(confirmation)
    tx.session.flush()
    _tell(tx, confirmation, purpose, customer["locale"])
    audit.record(tx, "consent.asked", "customer", confirmation.customer_id, {"confirmation": str(confirmation.id)})
    return confirmation


def get(tx: Transaction, confirmation_id: UUID, *, lock: bool = False) -> Confirmation:
    """One request of the caller's; raises NotFound."""
    return tx.get(Confirmation, confirmation_id, lock=lock)


def make_token(tx: Transaction, confirmation_id: UUID) -> tuple[str, Confirmation]:
    """A new token that answers the request, and the end of any before; raises NotFound, ConfirmationOver."""
    confirmation = get(tx, confirmation_id, lock=True)
    if not confirmation.is_open(now()):
        raise ConfirmationOver
    secret = secrets.token_urlsafe(32)
    confirmation.mark = _mark(secret)
    tx.session.flush()
    audit.record(tx, "consent.link_made", "customer", confirmation.customer_id, {"confirmation": str(confirmation_id)})
    return f"{confirmation_id}.{secret}", confirmation


def by_token(tx: Transaction, token: str) -> Confirmation | None:
    """The request that a token answers, locked; None for a token that we did not make, or have ended."""
    name, _, secret = token.partition(".")
    try:
        confirmation = get(tx, UUID(name), lock=True)
    except (ValueError, NotFound):
        return None
    is_ours = compare_digest(confirmation.mark or "", _mark(secret))
    return confirmation if is_ours else None


def confirm(tx: Transaction, confirmation: Confirmation, words: str) -> None:
    """Record that the customer agreed to these words, and that the contact point is theirs; the answer counts once.

    Raises ConfirmationOver.
    """
    if not confirmation.is_open(now()):
        raise ConfirmationOver
    seen = {"text": words, "wording": confirmation.wording, "ip": tx.caller.address}
    said = {
        "purpose": confirmation.purpose,
        "channel": confirmation.channel,
        "contact_point": confirmation.contact_point,
        "contact_value": confirmation.contact_value,
        "decision": "granted",
        "said_at": now(),
        "valid_until": None,
        "source": "double_opt_in",
        "evidence": {name: value for name, value in seen.items() if value} | {"reference": str(confirmation.id)},
        "recorder_id": confirmation.partner_id,
        "recorder": confirmation.partner,
    }
    to = Audience(confirmation.audience, confirmation.partner_id, confirmation.partner)
    statement = statements.write(tx, confirmation.customer_id, to, said)
    confirmation.status, confirmation.confirmed_at = "confirmed", statement.said_at
    tx.session.flush()
    customers.verify(tx, confirmation.customer_id, confirmation.contact_point, confirmation.contact_value)


def forget(tx: Transaction) -> None:
    """Remove requests that ended long ago; what was said stays among the statements."""
    tx.run(_FORGET, keep=_KEEP)


def _mark(secret: str) -> str:
    return fingerprint(secret, "consent")


def _askable(tx: Transaction, code: str) -> Purpose:
    purpose = purposes.named(tx, code)
    if purpose.is_archived or purpose.is_duty:
        raise refuse_field("/purpose", "unfit", "Nobody is asked for this.")
    return purpose


def _point(points: list[Point], asked: dict[str, Any]) -> Point:
    for point in points:
        if point.id == asked["contact_point"] and point.serves(asked["channel"]):
            return point
    raise refuse_field("/contact_point", "unknown", "The customer has no contact point with this id for the channel.")


def _open(tx: Transaction, asked: dict[str, Any], point: Point, to: Audience) -> Confirmation | None:
    same = {"customer_id": asked["customer_id"], "purpose": asked["purpose"], "channel": asked["channel"]}
    found: Confirmation | None = tx.session.scalar(
        select(Confirmation)
        .filter_by(**same, contact_value=point.value, audience=to.kind, status="pending")
        .where(Confirmation.partner_id.is_not_distinct_from(to.partner_id), Confirmation.expires_at > now())
        .limit(1)
    )
    return found


def _tell(tx: Transaction, confirmation: Confirmation, purpose: Purpose, locale: str | None) -> None:
    names = ("id", "customer_id", "contact_point", "contact_value", "channel", "purpose", "partner", "expires_at")
    record = {name: getattr(confirmation, name) for name in names} | {"locale": locale}
    about = confirmation.channel, confirmation.contact_value, purpose
    record["texts"] = {language: wording.message(language, *about) for language in wording.LANGUAGES}
    outbox.record(
        tx,
        outbox.Event("consent.confirmation_requested", confirmation.id, confirmation.customer_id, record),
    )
