"""Records of people who were erased: they are not taken over, and nothing of what they say is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from gateway.customers import tombstones
from gateway.db import Transaction
from gateway.errors import FieldError
from gateway.sync import crossref
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
    erased = {each.external_id: mark for each, mark in zip(arrived, marks, strict=True) if mark is not None}
    for living in _living(tx, link_id, stream, erased) if erased else ():
        del erased[living]
    allowed = [each for each in arrived if each.external_id not in erased]
    return allowed, [Rejection({"erased": mark.hex()}, [_REASON]) for mark in erased.values()]


def _living(tx: Transaction, link_id: UUID, stream: str, erased: Mapping[str, bytes]) -> list[str]:
    """Those that are somebody else's, known here, who shares an e-mail or a phone with who was erased."""
    if stream != "customers":
        return []
    known = crossref.find(tx, link_id, stream, list(erased))
    return [name for name in known if erased[name] not in tombstones.marks_of_reference(link_id, name)]


def _keys_of(link_id: UUID, stream: str, each: Incoming) -> Iterator[str]:
    if stream == "customers":
        yield tombstones.reference_key(link_id, each.external_id)
        yield from tombstones.keys_of(each.raw)
    elif isinstance(customer := each.raw.get("customer_external_id"), str):
        yield tombstones.reference_key(link_id, customer)
