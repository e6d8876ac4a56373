"""What workers do for webhooks: fan events out and send what is due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import text

from gateway import outbox, queue
from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.guarded import guard
from gateway.guarded_sender import Sender
from gateway.queue import Bell
from gateway.webhooks import bell, fanout
from gateway.webhooks.bell import DELIVER
from gateway.webhooks.delivery import due, holding
from gateway.webhooks.delivery.dispatch import Dispatcher

_CALLER = Caller.system("webhooks")
_KEEP_DELETED = timedelta(days=30)
_MANY = 200

_FORGET_ROWS = tuple(
    Query(
        text(
            f"""
            DELETE FROM {table} WHERE ctid IN (
                SELECT each.ctid FROM {table} each JOIN webhook_endpoints e ON e.id = each.endpoint_id
                WHERE e.deleted_at < now() - CAST(:kept AS interval) LIMIT 1000)
            """  # noqa: S608  # names are ours
        )
    )
    for table in ("webhook_deliveries", "webhook_attempts")
)
_FORGET_ENDPOINTS = Query(text("DELETE FROM webhook_endpoints WHERE deleted_at < now() - CAST(:kept AS interval)"))

_dispatcher: Dispatcher | None = None


def deliver() -> None:
    """Turn new events into deliveries and send what is due, for half a minute at most; then another job goes on."""
    if not _own_dispatcher().run(_feed):
        bell.ring()


@queue.stopper
def stop_soon() -> None:
    """Have a running `deliver` return soon, for a worker that is asked to stop."""
    if _dispatcher is not None:
        _dispatcher.stop()


def _feed() -> bool:
    with transaction(_CALLER) as tx:
        read, made = fanout.fan_out(tx)
        is_behind = read == fanout.EVENTS_AT_ONCE or fanout.is_behind(tx)
    if made > _MANY:
        bell.ring()  # more than one worker can help
    return is_behind


def _own_dispatcher() -> Dispatcher:
    # One for the life of the process: its connections stay open between jobs.
    global _dispatcher
    if _dispatcher is None:
        _dispatcher = Dispatcher(Sender(guard()))
    return _dispatcher


@queue.sweeper
def find_due(tx: Transaction) -> Iterator[Bell]:
    """A bell where events wait to be fanned out, or deliveries are due or their lease has run out."""
    if fanout.is_behind(tx) or due.has_due(tx):
        yield Bell(queue.WEBHOOKS, DELIVER)


@queue.chore(every_seconds=60)
def settle_held() -> None:
    """Release what is held for endpoints that have returned, and expire what was held for too long."""
    while _settle_held():
        pass


def _settle_held() -> int:
    with transaction(_CALLER, statement_seconds=60) as tx:
        settled = holding.settle(tx)
    if settled:
        bell.ring()
    return settled


@queue.chore(every_seconds=3600)
def forget_deleted_endpoints() -> None:
    """Remove what hangs on endpoints deleted 30 days ago, a thousand rows at a time, and then the endpoints."""
    for query in _FORGET_ROWS:
        while _run(query):
            pass
    _run(_FORGET_ENDPOINTS)


def _run(query: Query) -> int:
    with transaction(_CALLER, statement_seconds=60) as tx:
        return tx.run(query, kept=_KEEP_DELETED)


outbox.listen(bell.ring)
