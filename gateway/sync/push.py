"""Pushing a stream: what changed here is written to the partner, each write announced before and settled after."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from connectors.base import Change, ConnectorError, NotNow, Pushed, StaleRecord
from gateway import bulk
from gateway.db import Query, Transaction, now
from gateway.sync import aliases, crossref, operations
from gateway.sync.ahead import one_ahead
from gateway.sync.backoff import MOST_TRIES, wait_seconds
from gateway.sync.calls import guarded, is_name
from gateway.sync.changes import collect
from gateway.sync.ground import InRun
from gateway.sync.incoming import content_hash
from gateway.sync.merging.memory import read
from gateway.sync.merging.review import review
from gateway.sync.merging.unsaid import hold_back, unsaid
from gateway.sync.operations import Operation
from gateway.sync.payload import BUILDERS, Payload, cut
from gateway.sync.recognition import Misnamed, look_up
from gateway.sync.sending import Sending
from gateway.sync.streams import STREAMS, Stream
from gateway.sync.work import Link, Tally, Work
from schemas.base import storable

# What is announced and not sent has to be looked up by the next job: only a quick partner is sent much at once.
_LEAST, _MOST, _QUICK_SECONDS = 100, 400, 1.0
_SETTLE_ANSWERS, _SETTLE_SECONDS = 50, 0.5
_WAIT_FOR_CUSTOMER = timedelta(seconds=30)

_DONE_TYPES = {
    "external_id": "text", "record_id": "uuid", "version": "text", "said": "bytea", "hash": "bytea",
    "written": "text[]", "is_ours": "boolean",
}  # fmt: skip
_DONE = Query(
    text(
        """
        INSERT INTO sync_references
            (link_id, stream, external_id, record_id, version, said, content_hash, written, is_ours, first_sent_at,
            last_sent_at)
        SELECT :link, :stream, external_id, record_id, version, said, hash, written, is_ours, now(), now()
        FROM stage_pushed
        ON CONFLICT (link_id, stream, record_id) DO UPDATE SET
            version = excluded.version, said = excluded.said, content_hash = excluded.content_hash,
            written = excluded.written, deleted_at = NULL, last_sent_at = now(),
            first_sent_at = coalesce(sync_references.first_sent_at, now())
        """
    )
)
_DELETED = Query(
    text(
        "UPDATE sync_references SET deleted_at = :at, content_hash = NULL, version = NULL "
        "WHERE link_id = :link AND stream = :stream AND record_id = ANY(:ids)"
    )
)


def push(work: Work, stream: str) -> None:
    """Send what changed since the link's last push; what fails for now stays for a later try."""
    collect(work, stream)
    is_over, size = False, _LEAST
    while not is_over:
        with work.page(stream) as (tx, _):
            sendings, is_over = prepare(tx, work.link, stream, size)
        began = time.monotonic()
        _send(work, stream, sendings)
        size = min(2 * size, _MOST) if time.monotonic() - began < _QUICK_SECONDS else _LEAST
        if not is_over:
            work.take_breath()


def prepare(tx: Transaction, link: Link, stream: str, size: int = _LEAST) -> tuple[list[Sending], bool]:
    """Choose the next operations, drop those with nothing to say, mark the others as sent; and whether none is left."""
    due = operations.due(tx, link, stream, size)
    payloads = BUILDERS[stream](tx, link, [each.record_id for each in due]) if due else {}
    waiting = review(tx, link, STREAMS[stream], [each.record_id for each in due])
    sendings, idle, early = [], [], []
    for operation in due:
        payload, paths = payloads.get(operation.record_id), waiting.get(operation.record_id, frozenset())
        sending = _sending(STREAMS[stream], operation, payload, paths)
        if sending is None:
            idle.append(operation)
        elif sending.payload is not None and sending.payload.get("customer_external_id", "") is None:
            early.append(operation.id)
        else:
            sendings.append(sending)
    operations.finish(tx, [each for each in idle if not each.is_in_doubt])
    operations.drop(tx, link, stream, [each.record_id for each in idle if each.is_in_doubt])
    operations.postpone(tx, early, now() + _WAIT_FOR_CUSTOMER)
    operations.mark_sent(tx, [(each.operation.id, each.sent) for each in sendings if not each.is_in_doubt])
    return sendings, not due


def _sending(stream: Stream, operation: Operation, payload: Payload | None, waiting: Set[str]) -> Sending | None:
    """What to send for an operation; None when the partner has it already or may not see it any more.

    Paths that wait for a steward are held back.
    """
    if operation.op == "delete":
        is_there = operation.external_id is not None and not operation.is_deleted_there
        return Sending(operation, "delete", None) if is_there else None
    if payload is None or operation.is_deleted_there:
        return None
    if operation.external_id is None:
        return Sending(operation, "create", cut(payload, "create", ()))
    said, lost = read(operation.said), read(operation.sent) if operation.was_sent else {}
    part = hold_back(cut(payload, "update", operation.changed), said, waiting)
    news = unsaid(stream, part, said, always=lost.keys())
    return Sending(operation, "update", news) if news else None


def _send(work: Work, stream: str, sendings: Sequence[Sending]) -> None:
    """Send them all; those in doubt last, each looked up and settled before the next, or none might ever be."""
    by_key = {each.key: each for each in sendings}
    _tell(work, stream, by_key, [each.change for each in sendings if not each.is_in_doubt])
    for sending in sendings:
        if sending.is_in_doubt:
            _resolve(work, stream, by_key, sending)
            work.take_breath()


def _tell(work: Work, stream: str, by_key: dict[str, Sending], changes: Sequence[Change]) -> None:
    """Send changes; while some answers are written down, the next changes are on their way."""
    for answered in one_ahead(portions(_heard(work, stream, changes))):
        settle(work, stream, by_key, answered)


def _resolve(work: Work, stream: str, by_key: dict[str, Sending], sending: Sending) -> None:
    """Look up a create that may have happened, and send what that leaves to do."""
    left = look_up(InRun(work), stream, sending)
    if isinstance(left, Change):
        _tell(work, stream, by_key, [left])
    elif left is not None:
        settle(work, stream, by_key, [left])


def portions(answers: Iterator[Pushed]) -> Iterator[list[Pushed]]:
    """Answers as they are settled together; those before an error come before it."""
    portion: list[Pushed] = []
    since = time.monotonic()
    try:
        for pushed in answers:
            portion.append(pushed)
            if len(portion) >= _SETTLE_ANSWERS or time.monotonic() - since > _SETTLE_SECONDS:
                yield portion
                portion, since = [], time.monotonic()
    except Exception:
        yield portion
        raise
    yield portion


def _heard(work: Work, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
    """The partner's answers, as long as this job may go on asking."""
    for pushed in _answers(work, stream, changes):
        if isinstance(pushed.error, NotNow):
            raise pushed.error
        yield pushed
        work.lease.check()
        work.take_breath()


def _answers(work: Work, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
    """What the partner says to each change."""
    unanswered = {change.key for change in changes}
    for pushed in guarded(lambda: work.connector.push(stream, changes)) if changes else ():
        if pushed.key in unanswered:  # a second answer tells nothing more
            unanswered.discard(pushed.key)
            yield pushed
    for key in sorted(unanswered):
        yield Pushed(key, error=ConnectorError("The connector gave no answer for this change."))


def settle(work: Work, stream: str, by_key: dict[str, Sending], answered: Iterable[Pushed]) -> None:
    """Write down what became of each change, in one commit."""
    known = [(by_key[pushed.key], pushed) for pushed in answered if pushed.key in by_key]
    if not known:
        return
    with work.page(stream, settles=True) as (tx, tally):
        note(tx, work.link, stream, known, tally)


def note(tx: Transaction, link: Link, stream: str, answers: Sequence[tuple[Sending, Pushed]], tally: Tally) -> None:
    """Write down what the partner says became of each write."""
    judged = _judged(tx, link, stream, answers)
    done = [(sending, pushed) for sending, pushed in judged if pushed.error is None]
    _note_done(tx, link, stream, done)
    tally["pushed"] += len(done)
    for sending, pushed in judged:
        if pushed.error is not None:
            _note_failure(tx, sending, pushed.error, tally)


def _judged(
    tx: Transaction, link: Link, stream: str, answers: Sequence[tuple[Sending, Pushed]]
) -> list[tuple[Sending, Pushed]]:
    """The answers, those that give a record an impossible name, or that of another one, turned into failures."""
    named = [pushed.external_id for _, pushed in answers if is_name(pushed.external_id)]
    owners = {name: each.record_id for name, each in crossref.find(tx, link.id, stream, named).items()}

    def is_own(sending: Sending, pushed: Pushed) -> bool:
        if pushed.error is not None or pushed.external_id is None:
            return True
        record_id = sending.operation.record_id
        return is_name(pushed.external_id) and owners.setdefault(pushed.external_id, record_id) == record_id

    return [
        (sending, pushed if is_own(sending, pushed) else replace(pushed, error=Misnamed()))
        for sending, pushed in answers
    ]


def _note_done(tx: Transaction, link: Link, stream: str, done: Sequence[tuple[Sending, Pushed]]) -> None:
    """Write down what the partner took, and what it is expected to say from now on."""
    written = [
        _reference(sending, pushed.external_id, pushed.version)
        for sending, pushed in done
        if sending.op != "delete" and pushed.external_id is not None
    ]
    if written:
        bulk.stage(tx, "stage_pushed", _DONE_TYPES, written)
        tx.run(_DONE, link=link.id, stream=stream)
        aliases.follow(tx, link.id, [sending.operation.record_id for sending, _ in done])
    deleted: list[UUID] = [sending.operation.record_id for sending, _ in done if sending.op == "delete"]
    if deleted:
        tx.run(_DELETED, link=link.id, stream=stream, ids=deleted, at=now())
    unnamed = [sending.operation for sending, pushed in done if sending.op == "create" and not pushed.external_id]
    operations.await_name(tx, unnamed)
    operations.finish(tx, [sending.operation for sending, _ in done if sending.operation not in unnamed])


def _reference(sending: Sending, external_id: str, version: str | None) -> tuple[Any, ...]:
    said = sending.said(external_id)
    is_ours = sending.op == "create"
    version = version if version is not None and storable(version) else None
    return external_id, sending.operation.record_id, version, said, content_hash(said), sending.written, is_ours


def _note_failure(tx: Transaction, sending: Sending, error: ConnectorError, tally: Tally) -> None:
    operation, tries = sending.operation, sending.operation.tries + 1
    later = now() + timedelta(seconds=wait_seconds(tries, error.retry_after))
    if isinstance(error, StaleRecord):
        # Without a version nothing would tell that the record has been pulled meanwhile: then time must do.
        operations.wait_for_pull(
            tx, operation.id, operation.version, error.message, now() if operation.version else later
        )
        return
    tally["failed"] += 1
    if error.permanent:
        # Refused for good, unless it is the look-up of a create that failed: then it may still have happened.
        may_be_there = operation.was_sent or isinstance(error, Misnamed)
        unknown = now() if sending.op == "create" and may_be_there else None
        operations.give_up(tx, operation.id, error.message, unknown)
    elif tries >= MOST_TRIES:
        operations.give_up(tx, operation.id, error.message, now())
    else:
        operations.try_later(tx, operation.id, error.message, later)
