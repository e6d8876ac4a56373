"""The books of webhooks: what was owed to each endpoint, what came there, and in words where they differ."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from tests.faults.webhooks.happened import INSIDE_ALONE, Arrival, Happened, Listening, last_endings, visible
from tests.faults.webhooks.order import out_of_order

_SHOWN = 3
_RATE_SLACK_SECONDS = 2.0  # between what is claimed and what arrives
_STILL_ON_ITS_WAY_SECONDS = 2.0


class Books:
    """What happened and what arrived, held against each other; owed is what happened at place `since` or later."""

    def __init__(self, events: Sequence[Happened], arrivals: Iterable[Arrival], since: int = 0) -> None:
        self._events, self._since = events, since
        self._place = {event.id: place for place, event in enumerate(events)}
        self._arrived: dict[str, list[Arrival]] = defaultdict(list)
        for each in arrivals:
            self._arrived[each.endpoint].append(each)

    def differences(self, endpoints: Iterable[Listening]) -> list[str]:
        """Each difference in a sentence; none when everything came to those it was for, and to nobody else."""
        return [sentence for each in endpoints for sentence in self._differences(each)]

    def owed(self, listening: Listening) -> list[Happened]:
        """What an endpoint was to be told, in order; what a share's end may have withdrawn is among it."""
        told = visible(self._events, listening.partner)
        wanted = (each for each in told if each.type.startswith(listening.types) and listening.is_met(each.record))
        return [each for each in wanted if self._place[each.id] >= self._since]

    def _differences(self, listening: Listening) -> list[str]:
        arrived = self._arrived[listening.name]
        pages = {
            "never heard": self._missing(listening),
            "not for it": self._foreign(listening),
            "not the same each time": _unlike(arrived),
            "with another content": self._misquoted(listening),
            "sent while it was away": _while_away(listening, arrived),
            "out of order": out_of_order(arrived, self._events, listening.partner) if listening.is_ordered else [],
            "too fast": _too_fast(listening.rate_per_minute, arrived) if listening.rate_per_minute else [],
        }
        return [f"{listening.name}: {self._said(which)} {what}" for what, which in pages.items() if which]

    def _said(self, which: Sequence[str]) -> str:
        named = [f"{each} ({self._kind(each)})" for each in which[:_SHOWN]]
        return f"{len(which)} ({', '.join(named)}{', …' if len(which) > _SHOWN else ''})"

    def _kind(self, event_id: str) -> str:
        return self._events[self._place[event_id]].type if event_id in self._place else "never happened"

    def _missing(self, listening: Listening) -> list[str]:
        heard = {each.id for each in self._arrived[listening.name] if each.good_at is not None}
        ends = last_endings(self._events, listening.partner)
        return [
            each.id
            for each in self.owed(listening)
            if each.id not in heard
            and (each.type == "customer.unshared" or self._place[each.id] > ends.get(each.customer, -1))
        ]

    def _foreign(self, listening: Listening) -> list[str]:
        allowed = {each.id for each in self.owed(listening)}
        return [each.id for each in self._arrived[listening.name] if each.id not in allowed]

    def _misquoted(self, listening: Listening) -> list[str]:
        known = [each for each in self._arrived[listening.name] if each.id in self._place]
        return [each.id for each in known if not _quotes(each.body, self._events[self._place[each.id]], listening)]


def _unlike(arrivals: Iterable[Arrival]) -> list[str]:
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for each in arrivals:
        bodies[each.id].add(each.body)
    return [webhook_id for webhook_id, said in bodies.items() if len(said) > 1]


def _quotes(body: bytes, event: Happened, listening: Listening) -> bool:
    """Whether a message tells its event, and to a partner nothing that is for the inside alone."""
    said = json.loads(body)
    data = said["data"]
    if (said["id"], said["type"], data["id"]) != (event.id, event.type, event.record["id"]):
        return False
    if listening.is_thin:
        return set(data) <= {"id", "customer_id", "version", "url"}
    if listening.partner is not None and INSIDE_ALONE & set(data):
        return False
    return all(data[name] == event.record[name] for name in ("version", "given_name", "subject") if name in data)


def _while_away(listening: Listening, arrivals: Iterable[Arrival]) -> list[str]:
    return [
        each.id
        for each in arrivals
        for began, ended in listening.absences
        if began + _STILL_ON_ITS_WAY_SECONDS < each.at < ended
    ]


def _too_fast(rate_per_minute: int, arrivals: Iterable[Arrival]) -> list[str]:
    """Arrivals beyond what a bucket of a second's worth lets through, whatever stretch of time is looked at."""
    rate = rate_per_minute / 60
    left = most = max(rate, 1.0) + rate * _RATE_SLACK_SECONDS
    before, found = 0.0, []
    for each in sorted(arrivals, key=lambda each: each.at):
        left = min(most, left + (each.at - before) * rate) - 1
        before = each.at
        if left < 0:
            found.append(each.id)
    return found
