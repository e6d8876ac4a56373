"""What came to our door and waits: stored in one commit, taken over in order by whoever works on the link."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from connectors.base import Received
from gateway.db import Query, Transaction, transaction
from gateway.errors import Invalid, TooManyRequests
from gateway.sync.calls import names
from gateway.sync.hooks.asking import ask_again
from gateway.sync.hooks.freshness import fresh
from gateway.sync.runs import put_run
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work

log = logging.getLogger(__name__)

MODE = "received"
_MOST_TRIES = 5
_MOST_WAITING = 10_000
_LONGEST_ID = 200
_KEPT = timedelta(days=7)

_STORE = Query(
    text(
        """
        INSERT INTO sync_received (link_id, delivery_id, signed, payload, is_hint, status, tries, received_at)
        VALUES (:link, :delivery, :signed, :payload, :is_hint, 'waiting', 0, now())
        ON CONFLICT DO NOTHING
        """
    )
)
_RENAMED = Query(
    text("SELECT 1 FROM sync_received WHERE link_id = :link AND signed = :signed AND delivery_id <> :delivery")
)
_ASK_AGAIN = Query(
    text(
        "UPDATE sync_received SET status = 'waiting', is_hint = true, payload = '{}', received_at = now(), "
        "settled_at = NULL WHERE link_id = :link AND signed = :signed"
    )
)
_FULL = Query(text("SELECT 1 FROM sync_received WHERE link_id = :link AND status = 'waiting' OFFSET :most LIMIT 1"))
# A round that is due takes the inbox along; were it always to wait for the inbox, it might never come.
_MAY_RUN = """
    l.status = 'active' AND p.status = 'active'
    AND NOT EXISTS (SELECT FROM sync_schedules s
                    WHERE s.link_id = l.id AND s.is_enabled AND s.next_slot_at <= now())
"""
# The first delivery is taken at once; of a stream of them, upkeep takes many with one run.
_READY = Query(
    text(
        f"""
        SELECT l.id FROM sync_links l JOIN partners p ON p.id = l.partner_id
        WHERE l.id = :link AND {_MAY_RUN}
          AND NOT EXISTS (SELECT FROM sync_runs a WHERE a.link_id = l.id AND a.mode = 'received'
                                                    AND a.finished_at > now() - interval '5 s')
        """  # noqa: S608
    )
)
# A hint that no round could answer for an hour is left to the link's schedule.
_LEFT = Query(
    text(
        f"""
        SELECT l.id FROM sync_links l JOIN partners p ON p.id = l.partner_id
        WHERE {_MAY_RUN}
          AND EXISTS (SELECT FROM sync_received r WHERE r.link_id = l.id AND r.status = 'waiting'
                                                    AND (NOT r.is_hint OR r.received_at > now() - interval '1 hour'))
          AND NOT EXISTS (SELECT FROM sync_runs a WHERE a.link_id = l.id AND a.status IN ('queued', 'running'))
        """  # noqa: S608
    )
)
_NEXT = Query(
    text(
        """
        UPDATE sync_received SET tries = tries + 1 WHERE number = (
            SELECT number FROM sync_received WHERE link_id = :link AND status = 'waiting' AND NOT is_hint
            ORDER BY number LIMIT 1)
        RETURNING number, payload, tries
        """
    )
)
_LOOK = Query(
    text(
        """
        SELECT number, payload, tries FROM sync_received
        WHERE link_id = :link AND status = 'waiting' AND NOT is_hint AND number > :after AND tries < :most
        ORDER BY number LIMIT 1
        """
    )
)
# What was taken over stands where it belongs; a second copy would only be one more place to protect. What became a hint
# meanwhile waits for its round.
_SETTLE = Query(
    text(
        "UPDATE sync_received SET status = 'done', settled_at = now(), payload = '{}' "
        "WHERE number = :number AND NOT is_hint"
    )
)
_AS_HINT = Query(text("UPDATE sync_received SET is_hint = true, payload = '{}' WHERE number = :number"))
_GIVE_UP = Query(text("UPDATE sync_received SET status = 'failed', settled_at = now() WHERE number = :number"))
_HINTED = Query(text("SELECT 1 FROM sync_received WHERE link_id = :link AND status = 'waiting' AND is_hint LIMIT 1"))
# Only what came before the run was asked for has surely been read by it.
_ANSWER_HINTS = Query(
    text(
        """
        UPDATE sync_received SET status = 'done', settled_at = now() WHERE link_id = :link AND status = 'waiting'
            AND is_hint AND received_at <= (SELECT created_at FROM sync_runs WHERE id = :run)
        """
    )
)
_FORGET = Query(
    text(
        "DELETE FROM sync_received WHERE number IN (SELECT number FROM sync_received "
        "WHERE status <> 'waiting' AND settled_at < now() - CAST(:kept AS interval) LIMIT 10000)"
    )
)


class Delivery(NamedTuple):
    """One that waits, and how often somebody has begun with it."""

    number: int
    payload: str
    tries: int

    def said(self) -> Iterator[tuple[str, list[Any], list[str]]]:
        """What it says of each stream: records, and the external ids of deleted ones."""
        told: dict[str, dict[str, list[Any]]] = json.loads(self.payload)
        for stream in STREAMS:
            records, deleted = told["records"].get(stream, []), names(told["deleted"].get(stream, []))
            if records or deleted:
                yield stream, records, deleted


def store(tx: Transaction, link_id: UUID, received: Received) -> bool:
    """Store a delivery and have a run take it over; False when it came before. Raises TooManyRequests when full.

    One that came before under another name, which nobody signed, may be a copy of it, or say the same once more: it is
    not believed, and has the partner asked.
    """
    if tx.first(_FULL, link=link_id, most=_MOST_WAITING - 1) is not None:
        raise TooManyRequests("More deliveries wait than can be stored.", headers={"Retry-After": "60"})
    payload = {"records": _lists(received.records), "deleted": _lists(received.deleted)}
    name = {"link": link_id, "delivery": _storable_id(received.delivery_id), "signed": received.signed}
    is_renamed = received.signed is not None and tx.first(_RENAMED, **name) is not None
    if is_renamed:
        waits = tx.run(_ASK_AGAIN, link=link_id, signed=received.signed)
    else:
        is_hint = not (payload["records"] or payload["deleted"])
        waits = tx.run(_STORE, **name, payload=_written(payload), is_hint=is_hint)
    if waits and tx.first(_READY, link=link_id) is not None:
        put_run(tx, link_id, MODE)  # where one is active, what waits is taken by it or by the next
    return bool(waits) and not is_renamed


def start_left(tx: Transaction) -> int:
    """Start a run on every link whose inbox nobody is working on; answers how many."""
    return sum(put_run(tx, link_id, MODE) is not None for (link_id,) in tx.rows(_LEFT))


def drain(work: Work) -> None:
    """Take over what waits, in the order in which it came; one that fails again and again is set aside."""
    while (delivery := _next(work)) is not None:
        if delivery.tries > _MOST_TRIES:
            log.error("delivery_given_up", extra={"link": str(work.link.id), "number": delivery.number})
            with transaction(work.caller) as tx:
                tx.run(_GIVE_UP, number=delivery.number)
        else:
            _take(work, delivery)
        work.take_breath()


def waiting(tx: Transaction, link_id: UUID) -> Iterator[Delivery]:
    """What `drain` would take, one after the other, only looked at."""
    after = 0
    while (row := tx.first(_LOOK, link=link_id, after=after, most=_MOST_TRIES)) is not None:
        after = row[0]
        yield Delivery(*row)


def has_hints(work: Work) -> bool:
    """Whether the partner said that something changed, and not what."""
    with transaction(work.caller) as tx:
        return tx.first(_HINTED, link=work.link.id) is not None


def answer_hints(work: Work) -> None:
    """Note that a whole round has been made for them."""
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        tx.run(_ANSWER_HINTS, link=work.link.id, run=work.lease.run_id)


def forget_old(tx: Transaction) -> int:
    """Remove up to ten thousand deliveries settled a week ago; answers how many."""
    return tx.run(_FORGET, kept=_KEPT)


def _next(work: Work) -> Delivery | None:
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        row = tx.first(_NEXT, link=work.link.id)
    return Delivery(*row) if row else None


def _take(work: Work, delivery: Delivery) -> None:
    is_open = False
    for stream, records, deleted in delivery.said():
        told = ask_again(work, stream, records, deleted)
        is_open |= told.is_open
        with work.page(stream) as (tx, tally):
            news = [*fresh(tx, work.link.id, stream, records), *told.records]
            tally["read"] += len(records)
            tally["unchanged"] += max(len(records) - len(news), 0)
            take(tx, work.link, STREAMS[stream], news, tally)
            follow_deletions(tx, work.link, STREAMS[stream], told.deleted, tally)
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        tx.run(_AS_HINT if is_open else _SETTLE, number=delivery.number)


def _written(payload: dict[str, Any]) -> str:
    """ASCII with escapes: what no text column can hold is quarantined later. Raises Invalid for too deep a nesting."""
    try:
        return json.dumps(payload)
    except RecursionError:
        raise Invalid("The delivery is nested too deeply.") from None


def _lists(by_stream: Any) -> dict[str, Sequence[Any]]:
    return {stream: list(items) for stream, items in by_stream.items() if items}


def _storable_id(delivery_id: str) -> str:
    is_usable = len(delivery_id) <= _LONGEST_ID and delivery_id.isprintable()
    return delivery_id if is_usable else hashlib.sha256(delivery_id.encode("utf-8", "replace")).hexdigest()
