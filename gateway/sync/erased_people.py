"""Records of people who were erased: they are not taken over, and nothing of what they say is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    tx: Transaction, link_id: UUID, stream: str, arrived: Sequence[Incoming]
) -> tuple[list[Incoming], list[Rejection]]:
    """The records that may be taken over, and one rejection without content for each that may not; one look-up."""
    marks = tombstones.erased_among(tx, (_keys_of(link_id, stream, each) for each in arrived))
    allowed = [each for each, mark in zip(arrived, marks, strict=True) if mark is None]
    return allowed, [Rejection({"erased": mark.hex()}, [_REASON]) for mark in marks if mark is not None]


def _keys_of(link_id: UUID, stream: str, each: Incoming) -> Iterator[str]:
    if stream == "customers":
        yield tombstones.reference_key(link_id, each.external_id)
        yield from tombstones.keys_of(each.raw)
    elif isinstance(customer := each.raw.get("customer_external_id"), str):
        yield tombstones.reference_key(link_id, customer)
