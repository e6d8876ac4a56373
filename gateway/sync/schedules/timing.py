"""Which moments a schedule names: pure, from its rule, its time zone and the hours in which nothing starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MOST_REFUSED = 1000  # a blackout is left in one step, so this many in a row means that it never ends
_FARTHEST = timedelta(days=50 * 366)  # cron looks no farther for a day that hardly ever comes
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Blackout:
    """Hours in which nothing starts by itself, in local time; they end on the next day unless `until` comes later.

    `days` are the weekdays (0 is Monday) on which they begin.
    """

    since: time
    until: time
    days: frozenset[int] = frozenset(range(7))

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> Blackout:
        """From `{"from": "22:00", "until": "06:00", "days": ["fri"]}`."""
        days = stored.get("days") or WEEKDAYS
        since, until = (time.fromisoformat(str(stored[name])) for name in ("from", "until"))
        return cls(since, until, frozenset(map(WEEKDAYS.index, days)))  # type: ignore[call-overload]

    def closed_until(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the hours end that hold this moment, or None."""
        today = moment.astimezone(zone).date()
        for day in (today - timedelta(days=1), today):
            begins, ends = self._hours(day, zone)
            if day.weekday() in self.days and begins <= moment < ends:
                return ends
        return None

    def _hours(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
        # A clock that is put back shows an hour twice: the earlier one begins, the later one ends.
        last = day if self.until > self.since else day + timedelta(days=1)
        begins = datetime.combine(day, self.since, zone).astimezone(UTC)
        ends = (datetime.combine(last, self.until, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
        return begins, max(ends)


@dataclass(frozen=True, slots=True)
class Timing:
    """A schedule's rule: an interval counted from `anchored_at`, or cron as Debian's understands it in `zone`."""

    zone: ZoneInfo
    anchored_at: datetime
    interval_seconds: int | None = None
    cron: str | None = None
    blackout: Sequence[Blackout] = ()

    def closed_until(self, moment: datetime) -> datetime | None:
        """When the blackout ends in which this moment lies, or None."""
        ends = [end for each in self.blackout if (end := each.closed_until(moment, self.zone)) is not None]
        return max(ends, default=None)

    def slots_after(self, moment: datetime) -> Iterator[datetime]:
        """The slots later than this moment, ascending, in UTC; those in a blackout are none. May end."""
        refused, farthest = 0, moment + _FARTHEST
        while refused < _MOST_REFUSED and moment < farthest:
            for slot in self._grid(moment):
                if ends := self.closed_until(slot):
                    break
                refused, farthest = 0, slot + _FARTHEST
                yield slot
            else:
                return
            refused, moment = refused + 1, ends - _TICK

    def _grid(self, moment: datetime) -> Iterator[datetime]:
        return self._by_interval(moment) if self.cron is None else self._by_cron(moment)

    def _by_interval(self, moment: datetime) -> Iterator[datetime]:
        step = timedelta(seconds=self.interval_seconds or 0)
        slot = self.anchored_at + max((moment - self.anchored_at) // step + 1, 0) * step
        while True:
            yield slot
            slot += step

    def _by_cron(self, moment: datetime) -> Iterator[datetime]:
        latest = moment
        for local in CronSim(self.cron or "", moment.astimezone(self.zone)):
            # Where the clock is put on or back, two local times may be one moment, or lie behind it.
            if (slot := local.astimezone(UTC)) > latest:
                latest = slot
                yield slot
