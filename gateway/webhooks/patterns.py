"""Which events an endpoint asks for: exact types, `customer.*`, or `*`."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.channels import Channel
from schemas import event_catalogue


def is_match(pattern: str, event_type: str) -> bool:
    """Whether one pattern covers a type: `customer.*` covers whatever begins with `customer.`."""
    if pattern.endswith("*"):
        return event_type.startswith(pattern[:-1])
    return pattern == event_type


def matches(patterns: Iterable[str], event_type: str) -> bool:
    """Whether any pattern covers a type."""
    return any(is_match(pattern, event_type) for pattern in patterns)


def types_on(channel: Channel, registered: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of what is sent on a channel, with the house's own there; outside nobody learns of others."""
    return (*(each.name for each in event_catalogue.types_on(channel)), *registered)


def is_known(pattern: str, channel: Channel = Channel.INTRANET, registered: Iterable[str] = ()) -> bool:
    """Whether a pattern covers anything we send there: one that never fires is a typing error."""
    shape_is_right = pattern == "*" or pattern.endswith(".*") or "*" not in pattern
    return shape_is_right and any(is_match(pattern, each) for each in types_on(channel, registered))
