"""Upkeep of messages: what is older than agreed goes, in small batches, and never what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway import queue
from gateway.channels import Caller
from gateway.config import Settings, read_settings
from gateway.db import Query, now, transaction
from gateway.id_time import first_id
from gateway.webhooks.messages import bodies
from gateway.webhooks.messages.bodies import Walked
from gateway.webhooks.messages.retention import Terms, in_force

_CALLER = Caller.system("webhooks")
_OF = """(SELECT r.partner_id FROM webhook_retentions r WHERE r.partner_id = e.partner_id)
    IS NOT DISTINCT FROM CAST(:partner_id AS uuid)"""
_ADD_REST = Query(text("INSERT INTO webhook_retentions DEFAULT VALUES ON CONFLICT DO NOTHING"))
_GROUPS = Query(text("SELECT id, partner_id, payload_days, log_days FROM webhook_retentions ORDER BY id"))


class _Way(NamedTuple):
    """One of the two walks: what it does, and where it remembers how far it has come."""

    change: Query
    take: Query
    move: Query


def _way(change: Query, place: str) -> _Way:
    take = f"SELECT {place} FROM webhook_retentions WHERE id = :id FOR UPDATE"  # noqa: S608  # names are ours
    move = f"UPDATE webhook_retentions SET {place} = :place WHERE id = :id"  # noqa: S608
    return _Way(change, Query(text(take)), Query(text(move)))


_EMPTY = _way(bodies.emptying("true", _OF), "emptied_to")
_REMOVE = _way(bodies.removing(_OF), "removed_to")


@queue.chore(every_seconds=3600)
def forget_old_messages() -> None:
    """Empty, and later remove, messages that are older than agreed with their owners."""
    settings = read_settings()
    for group, partner_id, terms in list(_groups(settings)):
        for way, days in ((_REMOVE, terms.log_days), (_EMPTY, terms.payload_days)):
            _walk(way, group, partner_id, first_id(now() - timedelta(days=days or 0)))


def _groups(settings: Settings) -> Iterator[tuple[int, UUID | None, Terms]]:
    with transaction(_CALLER) as tx:
        tx.run(_ADD_REST)
        for group, partner_id, *days in tx.rows(_GROUPS):
            yield group, partner_id, in_force(Terms(*days), settings)


def _walk(way: _Way, group: int, partner_id: UUID | None, until: UUID) -> None:
    """Go on from where the last walk has come; the place stays before the first message that still waits."""
    after, is_clear = None, True
    while True:
        with transaction(_CALLER, statement_seconds=60) as tx:
            row = tx.first(way.take, id=group)
            if row is None:
                return
            walked = bodies.walk(tx, way.change, after or row[0], until, partner_id=partner_id)
            if is_clear and (place := _place(walked)):
                tx.run(way.move, id=group, place=place)
        after, is_clear = walked.last, is_clear and walked.waiting is None
        if walked.is_over:
            return


def _place(walked: Walked) -> UUID | None:
    return walked.last if walked.waiting is None else UUID(int=walked.waiting.int - 1)
