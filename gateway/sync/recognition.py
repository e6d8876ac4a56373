"""A create whose answer was lost: looked up by our reference, and read, since somebody may have edited it there."""

from __future__ import annotations

from uuid import UUID

from connectors.base import Change, ConnectorError, NotNow, Pushed
from gateway.customers.redirects import former_ids
from gateway.db import Transaction
from gateway.sync import crossref, operations
from gateway.sync.calls import is_name
from gateway.sync.ground import Answer, Ground, Question
from gateway.sync.sending import Sending


class Misnamed(ConnectorError):
    """The partner took a record, and called it by a name that cannot be its own."""

    def __init__(self) -> None:
        super().__init__("The partner named the record as it named another one, or as nothing can be named.", True)


def look_up(ground: Ground, stream: str, sending: Sending) -> Change | Pushed | None:
    """What is left to do, or what became of it; None where it was read, and goes on as a change to what that said.

    Raises NotNow where the partner is not to be asked for now.
    """
    operation = sending.operation
    try:
        answer = _found(ground, stream, operation.record_id, reads=bool(operation.sent))
    except NotNow:
        raise
    except ConnectorError as error:
        # Without this look-up a second create might double the record.
        return Pushed(sending.key, error=error)
    if answer is None:
        return _once_more(ground, stream, sending)
    if answer.record is not None and _is_taken(ground, stream, answer, operation.record_id):
        return None
    if operation.sent == sending.sent:
        return Pushed(sending.key, answer.external_id)
    if _is_anothers(ground, stream, answer.external_id, operation.record_id):
        return Pushed(sending.key, answer.external_id, error=Misnamed())
    return Change("update", sending.key, answer.external_id, sending.payload)


def _found(ground: Ground, stream: str, record_id: UUID, *, reads: bool) -> Answer | None:
    """What the partner has of it, if it has it: by our reference, or by that of a customer it has become part of."""
    with ground.look() as tx:
        references = former_ids(tx, record_id) if stream == "customers" else [record_id]
    for reference in references:
        answer = ground.ask(Question(stream, reference, reads))
        if answer.external_id is not None:
            return answer
    return None


def _once_more(ground: Ground, stream: str, sending: Sending) -> Change:
    """The create, which surely did not happen, announced in the words that it now has."""
    if sending.sent != sending.operation.sent:
        with ground.page(stream) as (tx, _):
            operations.mark_sent(tx, [(sending.operation.id, sending.sent)])
    return sending.change


def _is_taken(ground: Ground, stream: str, answer: Answer, record_id: UUID) -> bool:
    """Take the record as a pull would, and whether it is known as ours now."""
    with ground.page(stream) as (tx, tally):
        ground.take(tx, stream, [{**(answer.record or {}), "reference": str(record_id)}], tally)
        is_known = _name_of(tx, ground, stream, record_id) == answer.external_id
        tally["read"] += 1
        tally["pushed"] += is_known
    return is_known


def _name_of(tx: Transaction, ground: Ground, stream: str, record_id: UUID) -> str | None:
    return crossref.named(tx, ground.link.id, stream, [record_id]).get(record_id)


def _is_anothers(ground: Ground, stream: str, external_id: str | None, record_id: UUID) -> bool:
    """Whether a partner calls a record by the name of another one, which must not be written to in its place."""
    if not is_name(external_id):
        return False
    with ground.look() as tx:
        known = crossref.find(tx, ground.link.id, stream, [external_id]).get(external_id)
    return known is not None and known.owner != record_id
