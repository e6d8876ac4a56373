"""Hours in which nobody is contacted: pure, from the hours, the zone whose clock shows them, and the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.hours import WEEKDAYS

_MOST_STEPS = 100  # spans that follow one upon the other; whoever has more is never to be contacted
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of the day from `since` on; they end on the next day unless `until` is later. None: every channel."""

    since: time
    until: time
    days: frozenset[int]
    channels: frozenset[str] | None = None

    @classmethod
    def read(cls, written: dict[str, Any]) -> Span:
        """From its wire form."""
        days, channels = written.get("days") or WEEKDAYS, written.get("channels")
        return cls(
            time.fromisoformat(written["from"]),
            time.fromisoformat(written["until"]),
            frozenset(map(WEEKDAYS.index, days)),
            None if channels is None else frozenset(channels),
        )

    def ends_after(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the hours end that hold this moment, in UTC, or None."""
        today = moment.astimezone(zone).date()
        for day in (today - _DAY, today):
            begins, ends = self.on(day, zone)
            if day.weekday() in self.days and begins <= moment < ends:
                return ends
        return None

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When the hours that begin on a day do so, and when they end, in UTC."""
        # A clock that is put back shows an hour twice, and one that is put on never: the later reading ends.
        last = day if self.until > self.since else day + _DAY
        begins = datetime.combine(day, self.since, zone).astimezone(UTC)
        ends = (datetime.combine(last, self.until, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return begins, max(ends)


def first_open(spans: Sequence[Span], channel: str, moment: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment from this one on that lies in no span of the channel; None where there is none."""
    binding = [span for span in spans if span.channels is None or channel in span.channels]
    for _ in range(_MOST_STEPS):
        ends = [end for span in binding if (end := span.ends_after(moment, zone)) is not None]
        if not ends:
            return moment
        moment = max(ends)
    return None
