"""Open time: pure, from the hours of a week, the days that are otherwise, and the zone whose clock shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from gateway.consent.rules.hours import Span

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`weekly` hours, one at least, and on a `special` day its own; they belong to the day on which they begin."""

    zone: ZoneInfo
    weekly: Sequence[Span]
    special: Mapping[date, Sequence[Span]]

    @classmethod
    def read(cls, written: Mapping[str, Any] | None) -> OpeningHours:
        """From their wire form; day and night of None."""
        if written is None:
            return ALWAYS
        return cls(
            ZoneInfo(written["time_zone"]),
            [Span.read(each) for each in written["hours"]],
            {
                date.fromisoformat(day["date"]): [Span.read(each) for each in day["hours"]]
                for day in written["special_days"]
            },
        )

    def opens(self, moment: datetime) -> datetime:
        """The first open moment from this one on."""
        return next(self._from(moment))[0]

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much open time lies between two moments."""
        times = takewhile(lambda each: each[0] < until, self._from(since))
        return sum((min(ends, until) - begins for begins, ends in times), timedelta())

    def after(self, since: datetime, open_time: timedelta) -> datetime:
        """The first moment at which so much open time has passed since another."""
        if not open_time:
            return since
        times = self._from(since)
        begins, ends = next(times)
        while ends - begins < open_time:
            open_time -= ends - begins
            begins, ends = next(times)
        return begins + open_time

    def before(self, until: datetime, open_time: timedelta) -> datetime:
        """Whoever came before this moment has waited longer than so much open time, more than none, until another."""
        back = 2 * open_time
        while (ahead := self.between(until - back, until)) <= open_time:
            back *= 2
        return self.after(until - back, ahead - open_time)

    def _from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Open times from a moment on, one after the other, without end."""
        day = moment.astimezone(self.zone).date() - _DAY  # what began yesterday may last
        while True:
            for begins, ends in sorted(span.on(day, self.zone) for span in self._spans_of(day)):
                since = max(begins, moment)
                if since < ends:
                    yield since, ends
                    moment = ends
            day += _DAY

    def _spans_of(self, day: date) -> Sequence[Span]:
        if day in self.special:
            return self.special[day]
        return [span for span in self.weekly if day.weekday() in span.days]


ALWAYS = OpeningHours(ZoneInfo("UTC"), [Span(time(0), time(0), frozenset(range(7)))], {})
"""Day and night."""
