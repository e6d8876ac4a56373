"""What happens, who listens and what arrives; and who is to hear of what.

That is worked out here anew, from the order of events and the shares that begin and end among them: nothing is asked
of the product's fan-out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INSIDE_ALONE = frozenset({"internal_note"})


@dataclass(frozen=True)
class Happened:
    """One event of the outbox, in its order; `partner` is whom a share began or ended with."""

    id: str
    type: str
    customer: str
    record: Mapping[str, Any]
    changed: frozenset[str] = frozenset()
    partner: str | None = None


@dataclass(frozen=True)
class Arrival:
    """One message as it came in; `good_at` is when the good answer to it had been written."""

    endpoint: str
    id: str
    body: bytes
    at: float
    good_at: float | None = None


@dataclass(frozen=True)
class Listening:
    """An endpoint as the test set it up; `partner` is None for the house, `absences` when it was disabled."""

    name: str
    partner: str | None = None
    types: tuple[str, ...] = ("customer.", "interaction.")
    is_met: Callable[[Mapping[str, Any]], bool] = lambda _: True
    is_ordered: bool = False
    is_thin: bool = False
    rate_per_minute: int | None = None
    absences: list[tuple[float, float]] = field(default_factory=list)

    @property
    def patterns(self) -> list[str]:
        """The same types as an endpoint asks for them."""
        return [f"{each}*" if each.endswith(".") else each for each in self.types]


def visible(events: Iterable[Happened], partner: str | None) -> Iterator[Happened]:
    """What a partner, or for None the house, was to see of what happened."""
    shared: set[str] = set()
    for event in events:
        if event.type == "customer.shared" and event.partner == partner:
            shared.add(event.customer)
        if partner is None or _is_for(event, partner, shared):
            yield event
        if event.type == "customer.unshared" and event.partner == partner:
            shared.discard(event.customer)


def _is_for(event: Happened, partner: str, shared: set[str]) -> bool:
    if event.type in ("customer.shared", "customer.unshared"):
        return event.partner == partner
    is_news = not event.changed or bool(event.changed - INSIDE_ALONE)
    return event.customer in shared and is_news and event.record.get("visibility", "shared") == "shared"


def last_endings(events: Sequence[Happened], partner: str | None) -> dict[str, int]:
    """Where each customer was last taken from a partner: what it still waited for then need not come any more."""
    return {
        event.customer: place
        for place, event in enumerate(events)
        if event.type == "customer.unshared" and event.partner == partner
    }
