"""`kopru status`: is everything running, and what waits, above all for how long."""

from __future__ import annotations

from typing import Any

import click
from redis.exceptions import RedisError
from sqlalchemy import text

from gateway.cli.output import as_age, show_json, show_table, with_output
from gateway.cli.place import writing
from gateway.db import Query, Transaction
from gateway.doctor.queues import workers_alive

_COUNTS = Query(text("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM interactions)"))
_BACKLOG = {
    "events to fan out": (
        "events", "occurred_at", "(txid, position) > (SELECT txid, position FROM readers WHERE name = 'webhooks')"
    ),
    "webhooks due": ("webhook_deliveries", "due_at", "status = 'pending' AND due_at <= now()"),
    "webhooks to be tried again": (
        "webhook_deliveries", "created_at", "status = 'pending' AND due_at > now() AND attempts > 0"
    ),
    "webhooks given up": ("webhook_deliveries", "created_at", "status = 'exhausted'"),
    "sync runs under way": ("sync_runs", "created_at", "status IN ('queued', 'running')"),
    "writes to partners": ("sync_operations", "created_at", "state = 'open'"),
    "writes that failed": ("sync_operations", "created_at", "state = 'failed'"),
    "records rejected": ("sync_rejected", "first_seen_at", "true"),
    "requests about personal data": ("rights_cases", "created_at", "ended_at IS NULL"),
    "erasures not acknowledged": (
        "erasure_notices", "told_at", "told_at IS NOT NULL AND acknowledged_at IS NULL"
    ),
    "conflicts for a steward": ("sync_conflicts", "created_at", "status = 'open'"),
}  # fmt: skip
_QUERIES = {
    name: Query(text(f"SELECT count(*), extract(epoch FROM now() - min({since}))::float8 FROM {table} WHERE {waits}"))  # noqa: S608
    for name, (table, since, waits) in _BACKLOG.items()
}
_LINKS = Query(
    text(
        """
        SELECT p.code, l.name, l.status, l.paused_reason, r.status, r.error,
               extract(epoch FROM now() - g.finished_at)::float8
        FROM sync_links l JOIN partners p ON p.id = l.partner_id
        LEFT JOIN LATERAL (SELECT status, error FROM sync_runs WHERE link_id = l.id ORDER BY id DESC LIMIT 1) r ON true
        LEFT JOIN LATERAL (SELECT finished_at FROM sync_runs WHERE link_id = l.id AND status = 'succeeded'
                           ORDER BY id DESC LIMIT 1) g ON true
        ORDER BY p.code, l.name
        """
    )
)
_DELIVERED = Query(
    text(
        """
        SELECT count(*), count(*) FILTER (WHERE a.status = 'delivered')
        FROM webhook_endpoints e JOIN webhook_attempts a ON a.endpoint_id = e.id
        WHERE a.attempted_at > now() - interval '1 hour'
        """
    )
)


@click.command("status")
@with_output
def status(output: str) -> None:
    """Show what runs and what waits: workers, backlog with its age, links, deliveries.

    \b
    Example:  kopru status
              watch -n 5 kopru status
    """
    with writing("status") as tx:
        records, backlog, links = _records(tx), _backlog(tx), _links(tx)
    workers = _workers()
    if output == "json":
        show_json({"records": records, "workers": workers, "backlog": backlog, "links": links})
        return
    running = {"Redis": "does not answer"} if workers is None else workers
    show_table(("records and processes", "count"), [*records.items(), *running.items()])
    click.echo()
    rows = [(name, each["count"], as_age(each["oldest_seconds"])) for name, each in backlog.items()]
    show_table(("waiting", "count", "oldest"), rows)
    click.echo()
    show_table(("partner", "link", "is", "last run", "last success", "why"), [_row(link) for link in links])


def _records(tx: Transaction) -> dict[str, int]:
    customers, interactions = tx.first(_COUNTS) or (0, 0)
    tried, delivered = tx.first(_DELIVERED) or (0, 0)
    sent = {"webhook attempts in an hour": tried, "of them delivered": delivered}
    return {"customers": customers, "interactions": interactions, **sent}


def _workers() -> dict[str, int] | None:
    try:
        return {f"workers: {name}": count for name, count in workers_alive().items()}
    except (RedisError, OSError):
        return None


def _backlog(tx: Transaction) -> dict[str, dict[str, Any]]:
    counts = {name: tx.first(query) or (0, None) for name, query in _QUERIES.items()}
    return {name: {"count": count, "oldest_seconds": age} for name, (count, age) in counts.items()}


def _links(tx: Transaction) -> list[dict[str, Any]]:
    names = ("partner", "link", "status", "paused_reason", "last_run", "error", "succeeded_seconds_ago")
    return [dict(zip(names, row, strict=True)) for row in tx.rows(_LINKS)]


def _row(link: dict[str, Any]) -> tuple[Any, ...]:
    why = link["paused_reason"] or link["error"]
    ago = as_age(link["succeeded_seconds_ago"])
    return link["partner"], link["link"], link["status"], link["last_run"], ago, why
