"""Upkeep: what has expired is deleted, lost answers' successors are forgotten, and a published key takes over."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from gateway.accounts.lockout import forget_addresses
from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.oauth import families, keys
from gateway.queue import chore

EVERY_SECONDS = 60
_MOST_ROWS = 20_000
# A used code stays known for an hour, so that a replay is noticed and not merely refused.
_KEPT = {
    "authorization_codes": timedelta(hours=1),
    "assertion_ids": timedelta(minutes=5),
    "issued_tokens": timedelta(0),
    "refresh_families": timedelta(0),
    "revocations": timedelta(0),
    "sign_in_sessions": timedelta(0),
}


def _purge_of(table: str) -> Query:
    return Query(
        text(
            f"""
            DELETE FROM {table} WHERE ctid IN (
                SELECT ctid FROM {table} WHERE expires_at < now() - CAST(:kept AS interval) LIMIT {_MOST_ROWS}
            )
            """  # noqa: S608 - our own table names
        )
    )


_PURGES = {table: _purge_of(table) for table in _KEPT}


@chore(EVERY_SECONDS)
def purge_expired() -> None:
    """Delete what has expired, each table in a transaction of its own so that none waits for another."""
    for table, query in _PURGES.items():
        with transaction(Caller.system("oauth-upkeep"), statement_seconds=30) as tx:
            tx.run(query, kept=_KEPT[table])
    with transaction(Caller.system("oauth-upkeep")) as tx:
        families.forget_successors(tx)
        forget_addresses(tx)


@chore(EVERY_SECONDS)
def turn_keys() -> None:
    """Let the next signing key take over once it has been published long enough; delete those whose tokens are dead."""
    with transaction(Caller.system("oauth-upkeep")) as tx:
        keys.activate_ripe(tx)
        keys.drop_dead(tx)
