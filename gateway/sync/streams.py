"""The two streams: what it takes to bring a partner's customer, or its interaction, into the hub."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

from marshmallow import Schema

from gateway.bulk import Changed
from gateway.customers import bulk as customers
from gateway.db import Transaction
from gateway.errors import Invalid
from gateway.interactions import bulk as interactions
from gateway.sync import crossref
from gateway.sync.work import Link
from schemas.record import CustomerRecord, InteractionRecord

Row = dict[str, Any]
Loaded = dict[str, Any]
Related = dict[str, UUID]


class TooEarly(Invalid):
    """The interaction's customer has not come yet; it is taken over when it has."""

    def __init__(self, customer: str) -> None:
        message = "This customer is not known here yet; the interaction is taken over once it is."
        super().__init__(errors=[{"pointer": "/customer_external_id", "code": "unknown_customer", "message": message}])
        self.customer = customer


class Stream(Protocol):
    """How one stream's records are recognised, built, merged and written; `related` is what `relate` answered."""

    name: str
    schema: Schema

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """Whatever other records these ones name, by external id."""

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid."""

    def merge(self, before: Row, data: Loaded, related: Related, kept: frozenset[str]) -> Any:
        """A `Changed`, or None when nothing changes; raises Invalid."""

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row]) -> None:
        """Write new rows."""

    def change(self, tx: Transaction, changes: Sequence[Any]) -> None:
        """Write changed rows."""

    def end(self, tx: Transaction, link: Link, deleted: Sequence[tuple[str, UUID, bool]]) -> None:
        """Follow deletions at the partner, given as (external id, record, began in the hub)."""

    def revive(self, tx: Transaction, link: Link, ids: Sequence[UUID]) -> None:
        """Bring back what a deletion ended and the hub still has."""


class Customers:
    """A partner's customer is a record of its own here, shared with that partner; its deletion ends the share."""

    name = "customers"
    schema: Schema = CustomerRecord()

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """Nothing."""
        return {}

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""
        return customers.fetch(tx, ids, lock=lock)

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid."""
        return customers.build(data)

    def merge(self, before: Row, data: Loaded, related: Related, kept: frozenset[str]) -> Changed | None:
        """What the partner's word changes; raises Invalid."""
        return customers.merge(before, data, kept)

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row]) -> None:
        """Write new rows, shared with the partner."""
        customers.create(tx, rows, link.partner_id)

    def change(self, tx: Transaction, changes: Sequence[Changed]) -> None:
        """Write changed rows."""
        customers.change(tx, changes)

    def end(self, tx: Transaction, link: Link, deleted: Sequence[tuple[str, UUID, bool]]) -> None:
        """End the partner's share; the record stays."""
        customers.unshare(tx, [record_id for _, record_id, _ in deleted], link.partner_id)

    def revive(self, tx: Transaction, link: Link, ids: Sequence[UUID]) -> None:
        """Share again."""
        customers.share(tx, ids, link.partner_id)


class Interactions:
    """A partner's interaction is recorded by that partner; its deletion removes it, unless it began in the hub."""

    name = "interactions"
    schema: Schema = InteractionRecord()

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """The customers they are about."""
        named = {record["customer_external_id"] for record in records}
        return crossref.living(tx, link.id, Customers.name, named) if named else {}

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""
        return interactions.fetch(tx, ids, lock=lock)

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid, TooEarly among it."""
        return interactions.build(data, _customer_of(data, related), link.partner_id, link.partner)

    def merge(self, before: Row, data: Loaded, related: Related, kept: frozenset[str]) -> Changed | None:
        """What the partner's word changes; raises Invalid, TooEarly among it."""
        return interactions.merge(before, data, _customer_of(data, related), kept)

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row]) -> None:
        """Write new rows."""
        interactions.create(tx, rows)

    def change(self, tx: Transaction, changes: Sequence[Changed]) -> None:
        """Write changed rows."""
        interactions.change(tx, changes)

    def end(self, tx: Transaction, link: Link, deleted: Sequence[tuple[str, UUID, bool]]) -> None:
        """Remove what the partner recorded and deleted; what began in the hub stays."""
        interactions.remove(tx, [record_id for _, record_id, is_ours in deleted if not is_ours])

    def revive(self, tx: Transaction, link: Link, ids: Sequence[UUID]) -> None:
        """Nothing: what began in the hub never left."""


STREAMS: dict[str, Stream] = {stream.name: stream for stream in (Customers(), Interactions())}


def _customer_of(data: Loaded, related: Related) -> UUID:
    external_id = data["customer_external_id"]
    if external_id not in related:
        raise TooEarly(external_id)
    return related[external_id]
