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
from schemas.claim import ClaimEvent
from schemas.consent import ConsentChange
from schemas.consent_confirmation import ConfirmationRequest
from schemas.customer import Customer
from schemas.event_examples import (
    CLAIM,
    CONFIRMATION,
    CONSENT,
    CUSTOMER,
    ENDPOINT,
    ERASED,
    INTERACTION,
    LINK,
    MATTER,
    MESSAGE,
    OTHER,
    REFERRAL,
    RESTRICTION,
    RUN,
    WHEN,
)
from schemas.interaction import Interaction, PublicInteraction
from schemas.matter import Matter, PublicMatter
from schemas.referral import ReferralEvent
from schemas.restriction import RestrictionEvent
from schemas.sync_event import LinkEvent, RunEvent
from schemas.webhook_event import EndpointEvent, MessageEvent

INTERNET, EXTRANET, INTRANET = "internet", "extranet", "intranet"
_EVERYWHERE, _PARTNERS_AND_INSIDE, _INSIDE = (INTERNET, EXTRANET, INTRANET), (EXTRANET, INTRANET), (INTRANET,)
_CUSTOMERS, _INTERACTIONS, _MATTERS = "/customers/{id}", "/interactions/{id}", "/matters/{id}"


class CustomerEnd(Shown):
    """A customer that is gone, for everybody or for one partner: nothing more is told of it."""

    id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class ErasedCustomer(Shown):
    """A person who was erased: nothing but ids, of ours; your own is at `/extranet/v1/erasures/{erasure_id}`."""

    id = fields.UUID(required=True)
    erasure_id = fields.UUID(required=True, metadata={"description": "to be acknowledged once you have erased too"})
    customer_ids = fields.List(
        fields.UUID(), required=True, metadata={"description": "every id of ours that the person ever had"}
    )
    due_at = fields.AwareDateTime(required=True, metadata={"description": "by when we expect your acknowledgement"})


class InteractionEnd(Shown):
    """An interaction that is gone."""

    id = fields.UUID(required=True)
    customer_id = fields.UUID(required=True)
    version = fields.Integer(required=True)


class MergedCustomer(Customer):
    """The customer that goes on, and the id that leads to it from now on."""

    merged_id = fields.UUID(required=True, metadata={"description": "became part of this customer"})


class UnmergedCustomer(Customer):
    """The customer that is there again, and the one that it had become part of."""

    unmerged_from = fields.UUID(required=True, metadata={"description": "the customer it had become part of"})


@dataclass(frozen=True, slots=True, eq=False)
class EventType:
    """One type. `shape` is its `data` inside, `outside` the one shown outside where that differs.

    `path` is where the record can be read below a channel's base, None where there is nothing (any more) to read;
    `beside` names what is told beside the record, to everybody who is told of it.
    """

    name: str
    description: str
    shape: type[Schema]
    example: Mapping[str, Any]
    channels: tuple[str, ...] = _EVERYWHERE
    outside: type[Schema] | None = None
    path: str | None = None
    version: int = 1
    beside: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """What it is about: `customer` of `customer.updated`."""
        return self.name.partition(".")[0]

    def shape_on(self, channel: str) -> type[Schema]:
        """The shape of its `data` on a channel; which of the fields are shown, the channel and agreement decide."""
        return self.shape if channel == INTRANET or self.outside is None else self.outside


def _end(example: Mapping[str, Any], shape: type[Schema]) -> dict[str, Any]:
    return {name: example[name] for name in shape._declared_fields}


def _of_link(name: str, description: str, **differs: Any) -> EventType:
    return EventType(f"sync.link.{name}", description, LinkEvent, {**LINK, **differs}, _INSIDE, path="/sync/links/{id}")


def _of_claim(name: str, description: str, **differs: Any) -> EventType:
    example = {**CLAIM, **differs}
    return EventType(f"claim.{name}", description, ClaimEvent, example, _PARTNERS_AND_INSIDE, path="/claims/{id}")


def _of_referral(status: str, description: str, **differs: Any) -> EventType:
    example = {**REFERRAL, "status": status, **differs}
    return EventType(
        f"referral.{status}", description, ReferralEvent, example, _PARTNERS_AND_INSIDE, path="/referrals/{id}"
    )


def _of_restriction(name: str, description: str, **differs: Any) -> EventType:
    return EventType(f"restriction.{name}", description, RestrictionEvent, {**RESTRICTION, **differs})


_TYPES = (
    EventType("customer.created", "A customer was added.", Customer, CUSTOMER, path=_CUSTOMERS),
    EventType("customer.updated", "A field you may see was changed.", Customer, CUSTOMER, path=_CUSTOMERS),
    EventType(
        "customer.shared", "A partner may see the customer from now on.", Customer, CUSTOMER, _PARTNERS_AND_INSIDE,
        path=_CUSTOMERS,
    ),
    EventType(
        "customer.unshared", "A partner may not see the customer any more.", CustomerEnd, _end(CUSTOMER, CustomerEnd),
        _PARTNERS_AND_INSIDE,
    ),
    EventType(
        "customer.deleted", "Reserved: nothing deletes a customer yet.", CustomerEnd, _end(CUSTOMER, CustomerEnd),
        _PARTNERS_AND_INSIDE,
    ),
    EventType(
        "customer.erased", "A person you had received was erased: erase them too, and acknowledge it.", ErasedCustomer,
        ERASED, _PARTNERS_AND_INSIDE, beside=("erasure_id", "customer_ids", "due_at"),
    ),
    EventType(
        "customer.merged", "A customer you could see became part of another one, which you may see from now on.",
        MergedCustomer, {**CUSTOMER, "merged_id": OTHER}, _PARTNERS_AND_INSIDE, path=_CUSTOMERS, beside=("merged_id",),
    ),
    EventType(
        "customer.unmerged", "A customer is one of its own again: its merge was a mistake.", UnmergedCustomer,
        {**CUSTOMER, "unmerged_from": OTHER}, _PARTNERS_AND_INSIDE, path=_CUSTOMERS, beside=("unmerged_from",),
    ),
    EventType(
        "interaction.created", "An interaction was recorded.", Interaction, INTERACTION, outside=PublicInteraction,
        path=_INTERACTIONS,
    ),
    EventType(
        "interaction.updated", "A field you may see was changed.", Interaction, INTERACTION,
        outside=PublicInteraction, path=_INTERACTIONS,
    ),
    EventType(
        "interaction.deleted", "The system that recorded it deleted it.", InteractionEnd,
        _end(INTERACTION, InteractionEnd),
    ),
    EventType(
        "matter.opened", "A matter was opened that you may see.", Matter, MATTER, outside=PublicMatter, path=_MATTERS
    ),
    EventType(
        "matter.changed", "A matter changed in what you may see of it, or something was added to it.", Matter, MATTER,
        outside=PublicMatter, path=_MATTERS,
    ),
    EventType(
        "matter.closed", "A matter is over.", Matter, {**MATTER, "status": "closed", "closed_at": WHEN},
        outside=PublicMatter, path=_MATTERS,
    ),
    EventType("consent.changed", "A customer agreed to be contacted, or objected.", ConsentChange, CONSENT),
    _of_restriction("began", "A customer's data may only be kept for the time being: do not use it."),
    _of_restriction("lifting_announced", "It is known when that ends.", lift_at=WHEN),
    _of_restriction("lifted", "The customer's data may be used again.", lift_at=WHEN, lifted_at=WHEN),
    EventType(
        "consent.confirmation_requested", "A customer is to be sent a link at which they agree.", ConfirmationRequest,
        CONFIRMATION, _INSIDE, path="/consent-confirmations/{id}",
    ),
    _of_claim("submitted", "A claim of yours was taken."),
    _of_claim(
        "decided", "A claim of yours was answered.", status="rejected", reason="not_granted", decided_at=WHEN
    ),
    _of_claim("expired", "Nobody decided in time, or a protection is over.", status="expired", decided_at=WHEN),
    _of_referral("offered", "A customer is offered to you."),
    _of_referral("accepted", "You accepted a customer that was offered.", answered_at=WHEN),
    _of_referral("declined", "You declined an offer.", answered_at=WHEN, ended_at=WHEN),
    _of_referral("expired", "An offer was not answered in time.", ended_at=WHEN),
    _of_referral("withdrawn", "An offer was taken back.", ended_at=WHEN),
    _of_referral("handed_over", "A customer that was offered is in your hands.", answered_at=WHEN),
    _of_referral("returned", "You gave a customer back.", answered_at=WHEN, ended_at=WHEN),
    EventType("sync.run.failed", "A sync run has given up.", RunEvent, RUN, _INSIDE, path="/sync/runs/{id}"),
    _of_link("paused", "A link stopped.", status="paused", paused_reason="Bakım var"),
    _of_link("resumed", "A link works again."),
    _of_link(
        "circuit_opened", "A partner's system failed too often and is left alone.", circuit="open", circuit_until=WHEN
    ),
    _of_link("circuit_closed", "A partner's system answers again."),
    EventType(
        "webhook.endpoint.disabled", "An endpoint is sent nothing more until it is enabled.", EndpointEvent, ENDPOINT,
        _PARTNERS_AND_INSIDE, path="/webhooks/endpoints/{id}",
    ),
    EventType(
        "webhook.endpoint.enabled", "An endpoint is sent what happens again.", EndpointEvent,
        {**ENDPOINT, "status": "active", "disabled_reason": None}, _PARTNERS_AND_INSIDE,
        path="/webhooks/endpoints/{id}",
    ),
    EventType(
        "webhook.message.exhausted", "A message was given up at the end of its schedule.", MessageEvent, MESSAGE,
        _INSIDE, path="/webhooks/endpoints/{id}",
    ),
)  # fmt: skip

EVENT_TYPES: Mapping[str, EventType] = MappingProxyType({each.name: each for each in _TYPES})
# Names of what we may tell of one day are ours too, so that no house has to rename its own then.
NOUNS = frozenset({each.noun for each in _TYPES}) | {
    "account", "audit", "campaign", "event", "identity", "journey", "kopru", "offer", "operation", "partner",
    "segment",
}  # fmt: skip


def types_on(channel: str) -> tuple[EventType, ...]:
    """The types that are sent on a channel; outside nobody learns that there are others."""
    return tuple(each for each in EVENT_TYPES.values() if channel in each.channels)
