"""A create whose answer was lost: looked up by our reference, and read, since somebody may have edited it there."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from connectors.base import Change, ConnectorError, NotNow, Pushed
from gateway.customers.redirects import former_ids
from gateway.db import transaction
from gateway.sync import crossref, operations
from gateway.sync.calls import ask, is_name
from gateway.sync.sending import Sending
from gateway.sync.single import fetched
from gateway.sync.streams import STREAMS
from gateway.sync.take import take
from gateway.sync.work import Work

READS = {"pull", "fetch"}


def look_up(work: Work, stream: str, sending: Sending) -> Change | Pushed | None:
    """What is left to do, or what became of it; None where it was read, and goes on as a change to what that said.

    Raises NotNow where the partner is not to be asked for now.
    """
    operation = sending.operation
    try:
        found = _found(work, stream, operation.record_id)
        if found is None:
            return _once_more(work, stream, sending)
        if operation.sent and is_name(found) and _is_taken(work, stream, found, operation.record_id):
            return None
    except NotNow:
        raise
    except ConnectorError as error:
        # Without this look-up a second create might double the record.
        return Pushed(sending.key, error=error)
    if operation.sent == sending.sent:
        return Pushed(sending.key, found)
    return Change("update", sending.key, found, sending.payload)


def _found(work: Work, stream: str, record_id: UUID) -> str | None:
    """What the partner calls it, if it has it: by our reference, or by that of a customer it has become part of."""
    for reference in _references(work, stream, record_id):
        found = ask(partial(work.connector.find, stream, str(reference)))
        if found is not None:
            return found
    return None


def _references(work: Work, stream: str, record_id: UUID) -> list[UUID]:
    if stream != "customers":
        return [record_id]
    with transaction(work.caller) as tx:
        return former_ids(tx, record_id)


def _once_more(work: Work, stream: str, sending: Sending) -> Change:
    """The create, which surely did not happen, announced in the words that it now has."""
    if sending.sent != sending.operation.sent:
        with work.page(stream) as (tx, _):
            operations.mark_sent(tx, [(sending.operation.id, sending.sent)])
    return sending.change


def _is_taken(work: Work, stream: str, external_id: str, record_id: UUID) -> bool:
    """Take the record as a pull would, and whether it is known as ours now: not where a connector cannot read it."""
    record = fetched(work, stream, external_id) if work.connector.can >= READS else None
    if record is None:
        return False
    with work.page(stream) as (tx, tally):
        take(tx, work.link, STREAMS[stream], [{**record, "reference": str(record_id)}], tally)
        is_known = crossref.named(tx, work.link.id, stream, [record_id]).get(record_id) == external_id
        tally["read"] += 1
        tally["pushed"] += is_known
    return is_known
