"""When a contact may be made, as far as the clock and the caps go: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.consent.rules.caps import Cap
from gateway.consent.rules.hours import Span, first_open

_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Timing:
    """The quiet hours of a contact through `channel`, and each cap with the contacts that it counts."""

    channel: str
    zone: ZoneInfo
    spans: Sequence[Span]
    caps: Sequence[tuple[Cap, Sequence[datetime]]]

    def opens(self, moment: datetime) -> datetime | None:
        """The first moment from this one on outside all quiet hours; None where there is none."""
        return first_open(self.spans, self.channel, moment, self.zone)

    def next_place(self, moment: datetime) -> datetime | None:
        """The first moment from this one on at which every cap has a place; None where there is none."""
        for _ in range(_MOST_STEPS):
            later = moment
            for cap, taken in self.caps:
                place = cap.next_place(taken, later)
                if place is None:
                    return None
                later = place
            if later == moment:
                return moment
            moment = later
        return None

    def earliest(self, moment: datetime) -> datetime | None:
        """The first moment from this one on at which both allow it; None where there is none."""
        for _ in range(_MOST_STEPS):
            opens = self.opens(moment)
            place = None if opens is None else self.next_place(opens)
            if place is None or place == moment:
                return place
            moment = place
        return None
