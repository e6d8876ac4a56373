"""Which events are of a type that somebody described; what nobody did is told to nobody."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.outbox import StoredEvent
from schemas.event_catalogue import EVENT_TYPES

_AMONG = Query(text("SELECT name FROM event_types WHERE name = ANY(:names)"))
_ON = Query(text("SELECT name FROM event_types WHERE :channel = ANY(channels) AND NOT is_archived ORDER BY name"))
# Whatever can be changed of a type changes its version; one that is taken back with its database begins anew.
_MARK = Query(
    text(
        """
        SELECT coalesce(md5(string_agg(concat_ws(' ', name, version, created_at), ',' ORDER BY name)), '')
        FROM event_types WHERE :channel = ANY(channels)
        """
    )
)


def told_among(tx: Transaction, events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """Those of a type of ours or of the house's own: anything else has columns that nobody has judged."""
    foreign = {event.type for event in events} - EVENT_TYPES.keys()
    registered = {row[0] for row in tx.rows(_AMONG, names=list(foreign))} if foreign else set()
    return [event for event in events if event.type in EVENT_TYPES or event.type in registered]


def names_on(tx: Transaction, channel: str) -> list[str]:
    """The house's own types that are sent on a channel."""
    return [row[0] for row in tx.rows(_ON, channel=channel)]


def mark_on(tx: Transaction, channel: str) -> str:
    """A mark of the house's own types on a channel: another one as soon as any of them is another."""
    row = tx.first(_MARK, channel=channel)
    return str(row[0]) if row else ""
