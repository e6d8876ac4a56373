"""What a customer has said about being contacted, as far as it counts now and for the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.consent.statements.standing import Word, in_force
from gateway.db import Query, Transaction, now

_SAID = Query(
    text(
        """
        SELECT customer_id, id, purpose, channel, contact_value, audience, partner_id, decision = 'granted', said_at,
            valid_until, recorded_at, said_of, moves
        FROM consent_statements WHERE customer_id = ANY(:ids) AND audience IN ('all', 'house')
        """
    )
)


def consents_of(tx: Transaction, ids: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The words in force of each customer, the latest first; none to a caller that may not read consents."""
    said: dict[UUID, list[Word]] = {}
    if "consents:read" in tx.caller.scopes:
        for customer_id, *values, moves in tx.rows(_SAID, ids=ids):
            moved = tuple((UUID(record), datetime.fromisoformat(since)) for record, since in moves)
            said.setdefault(customer_id, []).append(Word(*[*values, moved]))
    moment = now()
    return {customer_id: _shown(in_force(words, moment)) for customer_id, words in said.items()}


def _shown(words: list[Word]) -> list[dict[str, Any]]:
    return [
        {
            "purpose": word.purpose,
            "channel": word.channel,
            "contact_value": word.contact_value,
            "decision": "granted" if word.is_granted else "withdrawn",
            "said_at": word.said_at,
            "valid_until": word.valid_until,
        }
        for word in sorted(words, key=lambda word: word.rank, reverse=True)
    ]
