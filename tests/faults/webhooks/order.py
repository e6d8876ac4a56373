"""Order, customer by customer: each event waits until the one before has been answered well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.faults.webhooks.happened import Arrival, Happened


@dataclass(frozen=True)
class _Came:
    """An arrival of the event at a place."""

    place: int
    id: str
    at: float
    good_at: float | None


def out_of_order(arrivals: Iterable[Arrival], events: Sequence[Happened], partner: str | None) -> list[str]:
    """What came before all before it had been answered well, or again after something later was.

    What the end of a partner's share may have withdrawn is waited for no longer.
    """
    places = {event.id: place for place, event in enumerate(events)}
    lanes: dict[str, list[_Came]] = defaultdict(list)
    for each in arrivals:
        if (place := places.get(each.id)) is not None:
            lanes[events[place].customer].append(_Came(place, each.id, each.at, each.good_at))
    ends = [
        place for place, event in enumerate(events) if (event.type, event.partner) == ("customer.unshared", partner)
    ]
    return [
        fault
        for customer, lane in lanes.items()
        for fault in _faults_of(lane, [place for place in ends if events[place].customer == customer])
    ]


def _faults_of(lane: Sequence[_Came], ends: Sequence[int]) -> Iterator[str]:
    good_at: dict[int, float] = {}  # when each place was first answered well
    for each in lane:
        if each.good_at is not None:
            good_at.setdefault(each.place, each.good_at)
    seen: set[int] = set()
    for each in lane:
        answered = {place for place, moment in good_at.items() if moment <= each.at}
        withdrawn_until = max((end for end in ends if end <= each.place), default=-1)
        awaited = {place for place in seen - answered if withdrawn_until <= place < each.place}
        later = {place for place in seen if place > each.place}
        if (each.place not in seen and (awaited or later)) or later & answered:
            yield each.id
        seen.add(each.place)
