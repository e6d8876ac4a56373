"""The two streams: what it takes to bring a partner's customer, or its interaction, into the hub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from marshmallow import Schema

from gateway.bulk import Changed
from gateway.customers import bulk as customers
from gateway.customers import merging as customer_merging
from gateway.customers.fields import BY_AGREEMENT
from gateway.customers.sources import items_of
from gateway.db import Transaction
from gateway.errors import Invalid
from gateway.interactions import bulk as interactions
from gateway.interactions import merging as interaction_merging
from gateway.provenance import Source
from gateway.sync import crossref
from gateway.sync.deletions.policy import DEACTIVATE, deactivate
from gateway.sync.merging.words import Related
from gateway.sync.terms import Declared, Everything, Terms
from gateway.sync.work import Link
from schemas.record import CustomerRecord, InteractionRecord

Row = dict[str, Any]
Loaded = dict[str, Any]
_HIDDEN = frozenset({"cost"})


class TooEarly(Invalid):
    """The partner does not have the interaction's customer here yet, or no more; it is taken over once it has."""

    def __init__(self, customer: str) -> None:
        message = "This customer is not known here, or not shared with the partner; it is taken over once it is."
        super().__init__(errors=[{"pointer": "/customer_external_id", "code": "unknown_customer", "message": message}])
        self.customer = customer


class Stream(Protocol):
    """How one stream's records are recognised, built, compared and written; `related` is what `relate` answered."""

    name: str
    schema: Schema
    can_draft: bool
    terms: Terms

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """Whatever other records these ones name, by external id."""

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""

    def draft(self, data: Loaded, source: Source, record_id: str, event_id: str) -> bytes | None:
        """What `create` takes for a new record, where the record alone decides that and can be one."""

    def stage(self, tx: Transaction, drafted: list[bytes]) -> None:
        """Send drafts ahead of the `create` that will probably come in this transaction."""

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid."""

    def words(self, loaded: Mapping[str, Any], related: Related) -> Row:
        """Some loaded fields in the form in which they are compared with ours; raises Invalid."""

    def ours(self, row: Row) -> Row:
        """A stored row in that form."""

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field say the same."""

    def key(self, name: str, item: Row) -> tuple[Any, ...]:
        """What makes two items of a list the same one."""

    def item_path(self, name: str, item: Row) -> str:
        """The path under which the source of one of our items is kept."""

    def hidden(self, link: Link) -> frozenset[str]:
        """The fields that the link's partner may not see."""

    def withheld(self, tx: Transaction, link: Link, ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those of our records of which the link's partner has no say any more."""

    def apply(self, before: Row, values: Row, source: Source) -> Changed | None:
        """A row with values by path in it; None when nothing changes. Raises Invalid."""

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row], drafted: Iterable[bytes] = ()) -> None:
        """Write new rows, and what was drafted."""

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
    can_draft = True
    terms: Terms = Declared()

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """Nothing."""
        return {}

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""
        return customers.fetch(tx, ids, lock=lock)

    def draft(self, data: Loaded, source: Source, record_id: str, event_id: str) -> bytes | None:
        """A new customer, if it can be one."""
        try:
            return customers.draft(data, source, record_id, event_id)
        except Invalid:
            return None

    def stage(self, tx: Transaction, drafted: list[bytes]) -> None:
        """Send new customers ahead."""
        customers.stage(tx, drafted)

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid."""
        return customers.build(data)

    def words(self, loaded: Mapping[str, Any], related: Related) -> Row:
        """Some loaded fields in the form in which they are compared with ours; raises Invalid."""
        return customer_merging.words(loaded)

    def ours(self, row: Row) -> Row:
        """A stored row in that form."""
        return customer_merging.ours(row)

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field say the same."""
        return customer_merging.same(name, one, other)

    def key(self, name: str, item: Row) -> tuple[Any, ...]:
        """What makes two items of a list the same one."""
        return customer_merging.key(name, item)

    def item_path(self, name: str, item: Row) -> str:
        """The path under which the source of one of our items is kept."""
        return next(iter(items_of(name, [item])))

    def hidden(self, link: Link) -> frozenset[str]:
        """The fields that its agreement does not grant the partner."""
        return BY_AGREEMENT - link.granted_fields

    def withheld(self, tx: Transaction, link: Link, ids: Iterable[UUID]) -> frozenset[UUID]:
        """Those that are not shared with the partner."""
        wanted = list(ids)
        sharing = customers.sharing_of(tx, wanted)
        return frozenset(each for each in wanted if link.partner_id not in sharing.get(each, ()))

    def apply(self, before: Row, values: Row, source: Source) -> Changed | None:
        """A row with values by path in it; None when nothing changes. Raises Invalid."""
        return customer_merging.change(before, values, source)

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row], drafted: Iterable[bytes] = ()) -> None:
        """Write new rows and drafts, shared with the partner."""
        customers.create(tx, rows, link.partner_id, drafted)

    def change(self, tx: Transaction, changes: Sequence[Changed]) -> None:
        """Write changed rows."""
        customers.change(tx, changes)

    def end(self, tx: Transaction, link: Link, deleted: Sequence[tuple[str, UUID, bool]]) -> None:
        """End the partner's share, or set the customers inactive, by the link's policy; the records stay."""
        ids = [record_id for _, record_id, _ in deleted]
        if link.deletion_policy == DEACTIVATE:
            deactivate(tx, link.id, ids)
        else:
            customers.unshare(tx, ids, link.partner_id)

    def revive(self, tx: Transaction, link: Link, ids: Sequence[UUID]) -> None:
        """Share again."""
        customers.share(tx, ids, link.partner_id)


class Interactions:
    """A partner's interaction is recorded by that partner; its deletion removes it, unless it began in the hub."""

    name = "interactions"
    schema: Schema = InteractionRecord()
    can_draft = False  # it takes the customer
    terms: Terms = Everything()

    def relate(self, tx: Transaction, link: Link, records: Iterable[Loaded]) -> Related:
        """The customers they are about, as far as they are shared with the partner."""
        named = {record["customer_external_id"] for record in records}
        living = crossref.living(tx, link.id, Customers.name, named) if named else {}
        sharing = customers.sharing_of(tx, living.values()) if living else {}
        return {name: each for name, each in living.items() if link.partner_id in sharing.get(each, ())}

    def fetch(self, tx: Transaction, ids: Iterable[UUID], *, lock: bool = True) -> dict[UUID, Row]:
        """The stored rows, locked unless only looked at."""
        return interactions.fetch(tx, ids, lock=lock)

    def draft(self, data: Loaded, source: Source, record_id: str, event_id: str) -> bytes | None:
        """Nothing."""
        return None

    def stage(self, tx: Transaction, drafted: list[bytes]) -> None:
        """Nothing."""

    def build(self, link: Link, data: Loaded, related: Related) -> Row:
        """A new row; raises Invalid, TooEarly among it."""
        return interactions.build(data, _customer_of(data, related), link.partner_id, link.partner)

    def words(self, loaded: Mapping[str, Any], related: Related) -> Row:
        """Some loaded fields in the form in which they are compared with ours; raises Invalid, TooEarly among it."""
        said = interaction_merging.words(loaded)
        return said | {"customer_id": _customer_of(loaded, related)} if "customer_external_id" in loaded else said

    def ours(self, row: Row) -> Row:
        """A stored row in that form."""
        return interaction_merging.ours(row)

    def same(self, name: str, one: Any, other: Any) -> bool:
        """Whether two values of a field say the same."""
        return interaction_merging.same(name, one, other)

    def key(self, name: str, item: Row) -> tuple[Any, ...]:
        """What makes two items of a list the same one."""
        return tuple(sorted(item.items()))

    def item_path(self, name: str, item: Row) -> str:
        """An interaction's lists have one source for all their items."""
        return name

    def hidden(self, link: Link) -> frozenset[str]:
        """What an interaction costs us."""
        return _HIDDEN

    def withheld(self, tx: Transaction, link: Link, ids: Iterable[UUID]) -> frozenset[UUID]:
        """None: whoever recorded an interaction goes on answering for it."""
        return frozenset()

    def apply(self, before: Row, values: Row, source: Source) -> Changed | None:
        """A row with values by path in it; None when nothing changes. Raises Invalid."""
        return interaction_merging.change(before, values, source)

    def create(self, tx: Transaction, link: Link, rows: Sequence[Row], drafted: Iterable[bytes] = ()) -> None:
        """Write new rows; nothing is drafted."""
        interactions.create(tx, rows)

    def change(self, tx: Transaction, changes: Sequence[Changed]) -> None:
        """Write changed rows."""
        interactions.change(tx, changes)

    def end(self, tx: Transaction, link: Link, deleted: Sequence[tuple[str, UUID, bool]]) -> None:
        """Remove what the partner recorded and deleted; what began in the hub stays, as all does by `deactivate`."""
        if link.deletion_policy == DEACTIVATE:
            return
        interactions.remove(tx, [record_id for _, record_id, is_ours in deleted if not is_ours])

    def revive(self, tx: Transaction, link: Link, ids: Sequence[UUID]) -> None:
        """Nothing: what began in the hub never left."""


STREAMS: dict[str, Stream] = {stream.name: stream for stream in (Customers(), Interactions())}


def _customer_of(data: Mapping[str, Any], related: Related) -> UUID:
    external_id = data["customer_external_id"]
    if external_id not in related:
        raise TooEarly(external_id)
    return related[external_id]
