"""What every process of Köprü has open while it works: keys, database, queue, and the guard on its way out."""

from __future__ import annotations

from gateway import guarded, pool, queue, vault
from gateway.config import Settings
from gateway.customers.attributes import known


def open_all(settings: Settings, *, connections: int | None = None, statement_seconds: int | None = None) -> None:
    """Open it; `connections` and the deadline of a statement are those of the settings unless given."""
    vault.load_keys(settings.vault_keys)
    known.close_to_others(settings.undeclared_attributes == "refuse")
    pool.open_database(
        settings.database_url,
        pool_size=connections or settings.pool_size,
        statement_seconds=statement_seconds or settings.statement_seconds,
    )
    queue.open_queue(settings.redis_url)
    guarded.open_guard(settings.webhook_allow)
