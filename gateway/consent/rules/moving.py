"""How preferences follow their customer through a merge: quiet hours of both, and restricted where either was."""

from __future__ import annotations

from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway.customers.moves import Merging
from gateway.db import Query, Transaction

_COUNT = Query(text("SELECT count(*) FROM contact_preferences WHERE customer_id = :lose"))
_TAKE = Query(text("DELETE FROM contact_preferences WHERE customer_id = :id RETURNING to_jsonb(contact_preferences)"))
_VERSION = Query(text("SELECT version FROM contact_preferences WHERE customer_id = :id FOR UPDATE"))
_PUT = Query(
    text(
        """
        INSERT INTO contact_preferences SELECT * FROM jsonb_populate_record(NULL::contact_preferences, :row)
        ON CONFLICT DO NOTHING
        """
    )
)
_CHANGED = "What the customer wants has changed since: it stays with the kept record, and the other has its own again."


class Wanted:
    """The preferences of the lost customer."""

    name = "contact_preferences"
    tables = frozenset({"contact_preferences"})

    def count(self, tx: Transaction, lose_id: Any) -> int:
        """One where the lost customer wanted anything."""
        row = tx.first(_COUNT, lose=lose_id)
        return int(row[0]) if row else 0

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Put both together; answers both as they were, and the version they came to."""
        tx.session.expire_all()
        lost = tx.first(_TAKE, id=merging.lose_id)
        if lost is None:
            return None
        kept = tx.first(_TAKE, id=merging.keep_id)
        both = _together(kept[0] if kept else None, lost[0]) | {"customer_id": str(merging.keep_id)}
        tx.run(_PUT, row=Jsonb(both))
        return {"lost": lost[0], "kept": kept[0] if kept else None, "version": both["version"]}

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give each its own; what was changed since stays with the kept one, in words."""
        if kept is None:
            return []
        tx.session.expire_all()
        now_at = tx.first(_VERSION, id=merging.keep_id)
        is_same = now_at is not None and now_at[0] == kept["version"]
        if is_same:
            tx.first(_TAKE, id=merging.keep_id)
            if kept["kept"] is not None:
                tx.run(_PUT, row=Jsonb(kept["kept"]))
        tx.run(_PUT, row=Jsonb(kept["lost"]))
        return [] if is_same else [_CHANGED]


def _together(kept: dict[str, Any] | None, lost: dict[str, Any]) -> dict[str, Any]:
    if kept is None:
        return lost | {"version": lost["version"] + 1}
    more = [each for each in lost["quiet_hours"] if each not in kept["quiet_hours"]]
    return kept | {
        "preferred_channel": kept["preferred_channel"] or lost["preferred_channel"],
        "preferred_hours": kept["preferred_hours"] or lost["preferred_hours"],
        "quiet_hours": kept["quiet_hours"] + more,
        "time_zone": kept["time_zone"] or lost["time_zone"],
        "is_restricted": kept["is_restricted"] or lost["is_restricted"],
        "version": kept["version"] + 1,
    }
