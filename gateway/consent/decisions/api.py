"""`POST /contact-decisions`: one call says whether a customer may be contacted, why not, and takes the place."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.consent.decisions import reservations, service
from gateway.consent.decisions.models import Reservation
from gateway.consent.decisions.service import Decision
from gateway.customers import moves
from gateway.db import now
from gateway.errors import InsufficientScope
from gateway.http import Call, Operations, Reply
from schemas import consent_decision as shapes

operations = Operations("Consent")

_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_ASKED = {Channel.EXTRANET: shapes.DecisionInput, Channel.INTRANET: shapes.InternalDecisionInput}
_WRITE = "consents:write"


@operations.post(
    "/contact-decisions",
    scope="consents:read",
    body=_ASKED,
    returns=shapes.ContactDecision,
    status=200,
    channels=_CHANNELS,
    also=(404,),
)
def decide_contact(call: Call) -> Reply:
    """Say whether a customer may be contacted through a channel for a purpose, with every reason why not.

    With `reserve` one place among the customer's contacts is taken, if it is allowed: of many who want the last one,
    one gets it. Asked again it is the same place. It waits for its confirmation, and goes back by itself without.
    """
    if call.body["reserve"] and _WRITE not in call.caller.scopes:
        challenge = f'Bearer error="insufficient_scope", scope="{_WRITE}"'
        raise InsufficientScope(f"Reserving needs the scope {_WRITE}.", headers={"WWW-Authenticate": challenge})
    decision = service.decide(call.tx, call.body)
    if call.caller.is_person:
        outcome = {"allowed": not decision.reasons, "reasons": [each.code for each in decision.reasons]}
        audit.record(call.tx, "contact.decided", "customer", call.body["customer_id"], outcome)
    return Reply(_decision(decision))


@operations.get(
    "/contact-decisions/<id:reservation_id>",
    scope="consents:read",
    returns=shapes.ContactReservation,
    channels=_CHANNELS,
)
def show_contact_reservation(call: Call, reservation_id: UUID) -> Reply:
    """Show a place that you have taken."""
    return Reply(_reservation(reservations.get(call.tx, reservation_id)))


@operations.post(
    "/contact-decisions/<id:reservation_id>/confirm",
    scope=_WRITE,
    returns=shapes.ContactReservation,
    status=200,
    channels=_CHANNELS,
)
def confirm_contact(call: Call, reservation_id: UUID) -> Reply:
    """Say that the contact was made; it counts from now on for good."""
    return Reply(_reservation(reservations.confirm(call.tx, reservation_id)))


@operations.post(
    "/contact-decisions/<id:reservation_id>/release",
    scope=_WRITE,
    returns=shapes.ContactReservation,
    status=200,
    channels=_CHANNELS,
)
def release_contact(call: Call, reservation_id: UUID) -> Reply:
    """Give the place back: no contact was made."""
    return Reply(_reservation(reservations.release(call.tx, reservation_id)))


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "allowed": not decision.reasons,
        "reasons": [each.as_json() for each in decision.reasons],
        "at": decision.at,
        "earliest_at": decision.earliest_at,
        "contact_point": decision.contact_point,
        "preferred_channel": decision.preferred_channel,
        "reservation": _reservation(decision.reservation) if decision.reservation else None,
    }


def _reservation(row: Reservation) -> dict[str, Any]:
    is_over = row.status == "reserved" and row.expires_at <= now()
    return {
        "id": row.id,
        "customer_id": row.customer_id,
        "channel": row.channel,
        "purpose": row.purpose,
        "contact_point": row.contact_point,
        "at": row.contact_at,
        "status": "expired" if is_over else row.status,
        "expires_at": row.expires_at,
    }


moves.register(moves.Rows("contact_reservations"))
