"""Every type of event we send: since when, what its `data` holds, an example, and the channels that hear of it.

What is sent to a channel is described here, or it is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from marshmallow import Schema, fields

from schemas.base import Shown
from schemas.customer import Customer
from schemas.interaction import Interaction, PublicInteraction
from schemas.sync_event import LinkEvent, RunEvent

INTERNET, EXTRANET, INTRANET = "internet", "extranet", "intranet"
_EVERYWHERE, _PARTNERS_AND_INSIDE, _INSIDE = (INTERNET, EXTRANET, INTRANET), (EXTRANET, INTRANET), (INTRANET,)
_CUSTOMERS, _INTERACTIONS = "/customers/{id}", "/interactions/{id}"


class CustomerEnd(Shown):
    """A customer that is gone, for everybody or for one partner: nothing more is told of it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class InteractionEnd(Shown):
    """An interaction that is gone."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    version = fields.Integer(required=True)


@dataclass(frozen=True, slots=True, eq=False)
class EventType:
    """One type. `shape` is its `data` inside, `outside` the one shown outside where that differs.

    `path` is where the record can be read below a channel's base, None where there is nothing (any more) to read.
    """

    name: str
    description: str
    shape: type[Schema]
    example: Mapping[str, Any]
    channels: tuple[str, ...] = _EVERYWHERE
    outside: type[Schema] | None = None
    path: str | None = None
    version: int = 1

    @property
    def noun(self) -> str:
        """What it is about: `customer` of `customer.updated`."""
        return self.name.partition(".")[0]

    def shape_on(self, channel: str) -> type[Schema]:
        """The shape of its `data` on a channel; which of the fields are shown, the channel and agreement decide."""
        return self.shape if channel == INTRANET or self.outside is None else self.outside


_WHO = "01936f2a-7c1e-7b52-9d0e-3f6b8a1c2d4e"
_WHEN, _THEN = "2026-03-02T09:15:00Z", "2026-01-12T11:40:00Z"

_CUSTOMER = {
    "id": _WHO,
    "kind": "person",
    "display_name": "Işıl Öğütçü",
    "given_name": "Işıl",
    "family_name": "Öğütçü",
    "organisation_name": None,
    "birth_date": "1987-04-23",
    "tax_id": "17291716060",
    "status": "active",
    "locale": "tr-TR",
    "contact_points": [
        {
            "id": "01936f2a-7c1e-7d11-8a55-0c9b7e6f5a43",
            "kind": "email",
            "value": "isil@example.com",
            "address": None,
            "primary": True,
            "verified_at": _THEN,
            "valid_from": None,
            "valid_until": None,
        }
    ],
    "identifiers": [{"system": "erp", "value": "C-1042"}],
    "attributes": {"body_type": "sedan"},
    "owner": "çağrı-merkezi",
    "internal_note": "Yeni sedanı çok beğendi",
    "version": 3,
    "created_at": _THEN,
    "updated_at": _WHEN,
}
_INTERACTION = {
    "id": "01936f2b-0d4c-7a3f-b1c2-5e7d9f80a1b2",
    "customer_id": _WHO,
    "partner": "eskisehir",
    "channel": "store",
    "kind": "offer",
    "direction": "out",
    "occurred_at": _WHEN,
    "subject": "Sedan için teklif",
    "body": "Işıl Hanım kırmızı sedanı denedi; teklif verildi.",
    "outcome": "düşünüyor",
    "agent": "Satış 3",
    "satisfaction": 5,
    "amount": {"value": "1250000.00", "currency": "TRY"},
    "cost": {"value": "1100000.00", "currency": "TRY"},
    "products": [
        {"sku": "S-1", "name": "Sedan", "quantity": "1", "unit_price": "1250000.00", "unit_cost": "1100000.00"}
    ],
    "visibility": "shared",
    "attributes": {},
    "version": 1,
    "created_at": _WHEN,
    "updated_at": _WHEN,
}
_RUN = {
    "id": "01936f2c-41aa-7e90-8b7c-1d2e3f405162",
    "link_id": "01936f2c-3000-7c01-9f00-aabbccddeeff",
    "mode": "normal",
    "status": "failed",
    "error": "Bayinin sistemi 401 yanıtı verdi.",
    "streams": {"customers": {"read": 120, "created": 3}},
    "started_at": _THEN,
    "finished_at": _WHEN,
}
_LINK = {
    "id": "01936f2c-3000-7c01-9f00-aabbccddeeff",
    "name": "Eskişehir bayisi",
    "connector": "rest",
    "status": "active",
    "paused_reason": None,
    "circuit": "closed",
    "circuit_until": None,
}


def _end(example: Mapping[str, Any], shape: type[Schema]) -> dict[str, Any]:
    return {name: example[name] for name in shape._declared_fields}


def _of_link(name: str, description: str, **differs: Any) -> EventType:
    return EventType(
        f"sync.link.{name}", description, LinkEvent, {**_LINK, **differs}, _INSIDE, path="/sync/links/{id}"
    )


_TYPES = (
    EventType("customer.created", "A customer was added.", Customer, _CUSTOMER, path=_CUSTOMERS),
    EventType("customer.updated", "A field you may see was changed.", Customer, _CUSTOMER, path=_CUSTOMERS),
    EventType(
        "customer.shared", "A partner may see the customer from now on.", Customer, _CUSTOMER, _PARTNERS_AND_INSIDE,
        path=_CUSTOMERS,
    ),
    EventType(
        "customer.unshared", "A partner may not see the customer any more.", CustomerEnd, _end(_CUSTOMER, CustomerEnd),
        _PARTNERS_AND_INSIDE,
    ),
    EventType(
        "customer.deleted", "Reserved: nothing deletes a customer yet.", CustomerEnd, _end(_CUSTOMER, CustomerEnd),
        _PARTNERS_AND_INSIDE,
    ),
    EventType(
        "interaction.created", "An interaction was recorded.", Interaction, _INTERACTION, outside=PublicInteraction,
        path=_INTERACTIONS,
    ),
    EventType(
        "interaction.updated", "A field you may see was changed.", Interaction, _INTERACTION,
        outside=PublicInteraction, path=_INTERACTIONS,
    ),
    EventType(
        "interaction.deleted", "The system that recorded it deleted it.", InteractionEnd,
        _end(_INTERACTION, InteractionEnd),
    ),
    EventType("sync.run.failed", "A sync run has given up.", RunEvent, _RUN, _INSIDE, path="/sync/runs/{id}"),
    _of_link("paused", "A link stopped.", status="paused", paused_reason="Bakım var"),
    _of_link("resumed", "A link works again."),
    _of_link(
        "circuit_opened", "A partner's system failed too often and is left alone.", circuit="open", circuit_until=_WHEN
    ),
    _of_link("circuit_closed", "A partner's system answers again."),
)  # fmt: skip

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({each.name: each for each in _TYPES})
# Names of what we may tell of one day are ours too, so that no house has to rename its own then.
NOUNS = frozenset({each.noun for each in _TYPES}) | {
    "account", "audit", "campaign", "consent", "event", "identity", "journey", "kopru", "offer", "operation", "partner",
    "segment", "webhook",
}  # fmt: skip


def types_on(channel: str) -> tuple[EventType, ...]:
    """The types that are sent on a channel; outside nobody learns that there are others."""
    return tuple(each for each in EVENT_TYPES.values() if channel in each.channels)
