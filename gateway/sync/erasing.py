"""What sync keeps of a person: names at partners, their last words, writes on their way, what could not be taken over.

A partner's own name of a record tells of the person as much as an e-mail does, wherever it stands.
"""

from __future__ import annotations

from gateway.customers import erasing
from gateway.customers.erasing import Statements, holds
from gateway.sync import erasing_inbox
from gateway.sync.erasing_names import NAMED, RECORDS, Names

_NAMES = f"(SELECT link_id, external_id FROM sync_references WHERE {NAMED})"  # noqa: S608
_OF_RUN = "r.id = t.run_id AND n.link_id = r.link_id"


def _tells(column: str) -> str:
    """Whether a text tells of the person by a value, or by a partner's name of it that is no usual number."""
    return (
        f"({holds(column)} OR EXISTS (SELECT FROM {_NAMES} n "
        f"WHERE length(n.external_id) >= 6 AND strpos({column}, n.external_id) > 0))"
    )


_REJECTED = f"""
    FROM sync_rejected t WHERE {holds("t.raw")}
        OR EXISTS (SELECT FROM {_NAMES} n WHERE n.link_id = t.link_id AND n.external_id IN (t.external_id, t.waits_for))
"""

erasing.register(Statements("sync_rejected", {"sync_rejected"}, f"SELECT count(*) {_REJECTED}", f"DELETE {_REJECTED}"))
erasing.register(erasing_inbox.Inbox())
erasing.register(erasing.Rows("sync_conflicts"))
erasing.register(
    Statements(
        "sync_operations",
        {"sync_operations"},
        f"SELECT count(*) FROM sync_operations WHERE record_id = ANY{RECORDS}",  # noqa: S608
        f"DELETE FROM sync_operations WHERE record_id = ANY{RECORDS}",  # noqa: S608
    )
)
erasing.register(
    Statements(
        "sync_runs",
        {"sync_runs", "sync_requests", "sync_previewed", "sync_listed", "sync_vanished", "sync_links", "sync_traffic"},
        f"SELECT count(*) FROM sync_previewed WHERE record_id = ANY{RECORDS}",  # noqa: S608
        f"""
        DELETE FROM sync_previewed t WHERE record_id = ANY{RECORDS} OR {_tells("t.changes::text")}
            OR EXISTS (SELECT FROM sync_runs r JOIN {_NAMES} n USING (link_id)
                       WHERE r.id = t.run_id AND n.external_id = t.external_id)
        """,  # noqa: S608
        f"""
        UPDATE sync_listed t SET external_ids = array_remove(t.external_ids, n.external_id)
        FROM sync_runs r, {_NAMES} n WHERE {_OF_RUN} AND n.external_id = ANY(t.external_ids)
        """,  # noqa: S608
        f"""
        DELETE FROM sync_vanished t USING sync_runs r, {_NAMES} n WHERE {_OF_RUN} AND n.external_id = t.external_id
        """,  # noqa: S608
        f"""
        UPDATE sync_requests t SET path = '', error = NULL
        WHERE {_tells("t.path || ' ' || coalesce(t.error, '')")} OR EXISTS (
            SELECT FROM sync_runs r JOIN {_NAMES} n USING (link_id)
            WHERE r.id = t.run_id AND strpos(t.path || '/', '/' || n.external_id || '/') > 0)
        """,  # noqa: S608
        f"UPDATE sync_runs t SET error = '' WHERE t.error <> '' AND {_tells('t.error')}",  # noqa: S608
        f"UPDATE sync_links t SET paused_reason = '' WHERE t.paused_reason <> '' AND {_tells('t.paused_reason')}",  # noqa: S608
        f"UPDATE sync_traffic t SET error = '' WHERE t.error <> '' AND {_tells('t.error')}",  # noqa: S608
    )
)
# Last of these, for the others find the person by them; a name is kept as its mark alone (`customers.tombstones`).
erasing.register(Names(), order=1)
