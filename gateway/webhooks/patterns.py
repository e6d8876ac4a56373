"""Which events an endpoint asks for: exact types, `customer.*`, or `*`."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.channels import Channel
from gateway.customers import service as customers
from gateway.interactions import service as interactions
from schemas import sync_event

EVENT_TYPES = (*customers.EVENTS, *interactions.EVENTS, *sync_event.EVENTS)
_INSIDE_ALONE = frozenset(sync_event.EVENTS)


def is_match(pattern: str, event_type: str) -> bool:
    """Whether one pattern covers a type: `customer.*` covers whatever begins with `customer.`."""
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether any pattern covers a type."""
    return any(is_match(pattern, event_type) for pattern in patterns)


def types_on(channel: Channel) -> tuple[str, ...]:
    """The events that are sent on a channel; outside nobody learns that there are others."""
    return tuple(each for each in EVENT_TYPES if channel is Channel.INTRANET or each not in _INSIDE_ALONE)


def is_known(pattern: str, channel: Channel = Channel.INTRANET) -> bool:
    """Whether a pattern covers anything we send there: one that never fires is a typing error."""
    shape_is_right = pattern == "*" or pattern.endswith(".*") or "*" not in pattern
    return shape_is_right and any(is_match(pattern, each) for each in types_on(channel))
