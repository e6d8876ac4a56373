"""What a contact may lead to beside itself: a number that counts no more, and a customer who wants no more contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.consent.statements import service as statements
from gateway.consent.statements.models import Statement
from gateway.customers import search
from gateway.customers import service as customers
from gateway.db import Transaction
from gateway.errors import refuse_field
from gateway.validation import load
from schemas.customer import CustomerInput

_CONSENT_CHANNEL = {"web": "app", "store": "visit", "message": "sms"}
_SOURCE = {"phone": "call", "store": "visit", "visit": "visit", "web": "web", "chat": "web"}
_MOST_LETTERS = 2000


def end_contact_point(tx: Transaction, customer_id: UUID, point_id: UUID, moment: datetime) -> None:
    """Have a contact point of a customer count no more from a moment on; raises Invalid for one that is not theirs."""
    customer = search.get(tx, customer_id, ("contact_points", "version"))
    points = [dict(each) for each in customer["contact_points"]]
    wrong = [each for each in points if str(each["id"]) == str(point_id)]
    if not wrong:
        raise refuse_field("/contact_point", "unknown", "The customer has no contact point with this id.")
    for point in wrong:
        point["valid_until"] = moment.isoformat()
        if point["valid_from"] and datetime.fromisoformat(point["valid_from"]) > moment:
            point["valid_from"] = None
    patch = load(CustomerInput, {"contact_points": points}, is_patch=True)
    customers.change(tx, customer_id, patch, customer["version"])


def refuse_contact(
    tx: Transaction, contact: dict[str, Any], customer_id: UUID, interaction_id: UUID, said_at: datetime
) -> Statement:
    """Write down that the customer wants no more contacts, through this channel unless they said another."""
    refusal, through = contact.get("do_not_contact") or {}, contact["channel"]
    words = {"text": (contact["notes"] or "")[:_MOST_LETTERS], "reference": f"interaction:{interaction_id}"}
    said = {
        "purpose": refusal.get("purpose"),
        "channel": refusal.get("channel") or _CONSENT_CHANNEL.get(through, through),
        "contact_point": None,
        "decision": "withdrawn",
        "audience": refusal.get("audience", "all"),
        "said_at": said_at,
        "valid_until": None,
        "source": _SOURCE.get(through, "system"),
        "evidence": {name: value for name, value in words.items() if value},
    }
    return statements.record(tx, customer_id, said)
