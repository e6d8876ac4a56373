"""A sample of an event, sent to one endpoint to try it: the catalogue's example, marked as a test."""

from __future__ import annotations

from uuid import UUID

import orjson
from sqlalchemy import func

from gateway import audit
from gateway.channels import Channel
from gateway.db import Transaction, new_id, now
from gateway.errors import NotFound, refuse_field
from gateway.outbox import StoredEvent
from gateway.webhooks import bell, fanout
from gateway.webhooks.catalogue.models import RegisteredType
from gateway.webhooks.catalogue.registered import names_on
from gateway.webhooks.delivery import paces
from gateway.webhooks.fanout import Listener
from gateway.webhooks.messages.service import EndpointDisabled, require_active
from gateway.webhooks.models import Delivery
from gateway.webhooks.patterns import matches, types_on
from gateway.webhooks.rendering import message, narrow, thin
from schemas.event_catalogue import EVENT_TYPES


def send(tx: Transaction, endpoint_id: UUID, event_type: str | None = None) -> Delivery:
    """Send an endpoint the example of a type, or of the first one it asks for, as it would be shown.

    It stands in no stream of events. Raises NotFound, EndpointDisabled, Invalid for a type that is not sent there.
    """
    require_active(tx, endpoint_id)
    listener = fanout.listener_of(tx, endpoint_id)
    if listener is None:
        raise EndpointDisabled
    chosen = _chosen(tx, listener, event_type)
    sample = _sample(tx, chosen)
    sent = Delivery(
        id=new_id(), endpoint_id=endpoint_id, event_id=sample.id, type=chosen, payload=_body(sample, listener),
        status="pending", trigger="test", attempts=0, attempt=0, due_at=func.now(), created_at=now(), customer_id=None,
    )  # fmt: skip
    tx.session.add(sent)
    tx.session.flush()
    audit.record(tx, "webhook_endpoint.tested", "webhook_endpoint", endpoint_id, {"type": chosen})
    paces.probe_now(tx, endpoint_id)
    bell.ring_after(tx)
    return sent


def _chosen(tx: Transaction, listener: Listener, event_type: str | None) -> str:
    types = types_on(listener.channel, names_on(tx, listener.channel))
    if event_type is None:
        return next((each for each in types if matches(listener.event_types, each)), types[0])
    if event_type not in types:
        raise refuse_field("/type", "unknown_event", f"Known are {', '.join(types)}.")
    return event_type


def _sample(tx: Transaction, event_type: str) -> StoredEvent:
    known = EVENT_TYPES.get(event_type)
    registered = None if known else tx.session.get(RegisteredType, event_type)
    if known is None and registered is None:
        raise NotFound
    example = dict(known.example if known else registered.example)  # type: ignore[union-attr]  # one of them is there
    about = UUID(example["id"]) if known else new_id()
    return StoredEvent("0", 0, new_id(), event_type, about, None, now(), [], example, [], False, "", "", "")


def _body(sample: StoredEvent, listener: Listener) -> str:
    known = EVENT_TYPES.get(sample.type)
    data = narrow(known, sample.record, listener.view) if known else sample.record
    if listener.payload == "thin":
        data = thin(sample, data, Channel(listener.channel))
    return orjson.dumps({**message(sample, data), "test": True}, option=orjson.OPT_UTC_Z).decode()
