"""How many of a link's requests may be under way at once, whichever workers send them: one row for each."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.sync.lease import LEASE_SECONDS

HELD_SECONDS = LEASE_SECONDS  # whoever goes on with a killed worker's run must find its slots free as well

# Two that choose the same number at once: the first has it, and the second asks again.
_TAKE = Query(
    text(
        """
        INSERT INTO sync_calls AS slot (link_id, number, holder, held_until)
        SELECT l.id, n.number, :holder, now() + make_interval(secs => :seconds)
        FROM sync_links l CROSS JOIN LATERAL generate_series(1, l.most_concurrent) AS n (number)
        WHERE l.id = :link AND NOT EXISTS (
            SELECT FROM sync_calls s WHERE s.link_id = l.id AND s.number = n.number AND s.held_until > now())
        ORDER BY n.number LIMIT 1
        ON CONFLICT (link_id, number) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
            WHERE slot.held_until <= now()
        RETURNING number
        """
    )
)
_RENEW = Query(
    text(
        """
        UPDATE sync_calls SET held_until = now() + make_interval(secs => :seconds)
        WHERE link_id = :link AND holder = :holder
        """
    )
)
_LEAVE = Query(text("DELETE FROM sync_calls WHERE link_id = :link AND holder = :holder"))


def take(tx: Transaction, link_id: UUID, holder: UUID) -> bool:
    """Take one more slot; False when all are held."""
    return tx.first(_TAKE, link=link_id, holder=holder, seconds=HELD_SECONDS) is not None


def renew(tx: Transaction, link_id: UUID, holder: UUID) -> int:
    """Keep what `holder` has; answers how many that are, for one that was frozen may have lost some."""
    return tx.run(_RENEW, link=link_id, holder=holder, seconds=HELD_SECONDS)


def leave(tx: Transaction, link_id: UUID, holder: UUID) -> None:
    """Give back whatever `holder` has."""
    tx.run(_LEAVE, link=link_id, holder=holder)
