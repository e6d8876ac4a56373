"""Fills the ledger: from the callers' memory, the database and the receivers."""

from __future__ import annotations

from collections.abc import Sequence

from tests.faults.clients import Poster, acknowledged_by
from tests.faults.installation import Installation, Seeded
from tests.faults.ledger import Ledger
from tests.webhooks.receiver import Message

_STORED = "SELECT subject, id::text FROM interactions WHERE subject LIKE %s"
_CREATED = "SELECT {} FROM events WHERE type = 'interaction.created' AND record ->> 'subject' LIKE %s"


def books(
    installation: Installation,
    partner: Seeded,
    posters: list[Poster],
    messages: Sequence[Message] | None = None,
    partner_has: Sequence[str] | None = None,
) -> Ledger:
    """The ledger of what a partner posted, and of what others were told of it where they listen."""
    ours = f"{partner.code}-%"
    stored = [(subject, found) for subject, found in installation.rows(_STORED, ours)]
    told = [
        (event, record) for event, record in installation.rows(_CREATED.format("id::text, resource_id::text"), ours)
    ]
    ledger = Ledger(acknowledged_by(posters), stored, [record for _, record in told], partner_has)
    if messages is not None:
        ledger.owed = [event for event, _ in told]
        ledger.heard = heard_of(messages, partner)
    return ledger


def heard_of(messages: Sequence[Message], partner: Seeded) -> list[str]:
    """The webhook-id of every whole message about what this partner posted, repeated ones too."""
    whole = [each for each in list(messages) if len(each.body) == int(each.headers["content-length"])]
    said = [(each.headers["webhook-id"], each.data.get("subject") or "") for each in whole]
    return [webhook_id for webhook_id, subject in said if subject.startswith(f"{partner.code}-")]
