"""Records of people who were erased, and interactions with them: nothing of what they say is taken over, or kept."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from uuid import UUID

from gateway.customers import tombstones
from gateway.db import Transaction
from gateway.errors import FieldError
from gateway.sync.incoming import Incoming
from gateway.sync.rejects import Rejection

CODE = "erased"
_REASON: FieldError = {
    "pointer": "",
    "code": CODE,
    "message": "This person was erased; their record is not taken over, and was not kept.",
}


def sift(
    tx: Transaction, link_id: UUID, stream: str, telling: Sequence[Incoming], known: Container[str]
) -> tuple[Sequence[Incoming], list[Rejection]]:
    """The records that may be taken over, and one rejection without content for each that may not; one look-up.

    Of one that is `known` its name alone counts: it is somebody's who lives here, and may share an e-mail or a phone.
    """
    if not telling:
        return telling, []
    marks = tombstones.erased_among(tx, (_keys_of(link_id, stream, each, known) for each in telling))
    allowed = [each for each, mark in zip(telling, marks, strict=True) if mark is None]
    return allowed, [Rejection({"erased": mark.hex()}, [_REASON]) for mark in marks if mark is not None]


def _keys_of(link_id: UUID, stream: str, each: Incoming, known: Container[str]) -> Iterator[str]:
    if stream == "customers":
        yield tombstones.reference_key(link_id, each.external_id)
        if each.external_id not in known:
            yield from tombstones.keys_of(each.raw)
        return
    yield tombstones.interaction_key(link_id, each.external_id)
    if isinstance(customer := each.raw.get("customer_external_id"), str):
        yield tombstones.reference_key(link_id, customer)
