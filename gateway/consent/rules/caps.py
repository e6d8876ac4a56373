"""How often a customer may be contacted: pure, from the caps and the contacts that are taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

Contact = tuple[str, str, datetime]
"""Purpose, channel and moment of a contact that was made or is reserved."""


class Cap(NamedTuple):
    """At most `most` contacts in any stretch of so long; None stands for any purpose or channel."""

    purpose: str | None
    channel: str | None
    most: int
    window: timedelta

    @classmethod
    def read(cls, written: dict[str, Any]) -> Cap:
        """From its wire form."""
        return cls(written["purpose"], written["channel"], written["most"], timedelta(days=written["days"]))

    def counts(self, purpose: str, channel: str) -> bool:
        """Whether it counts such a contact."""
        return self.purpose in (None, purpose) and self.channel in (None, channel)

    def has_place(self, taken: Sequence[datetime], moment: datetime) -> bool:
        """Whether one more fits in at this moment, so that no stretch that holds it has too many."""
        if self.most == 0:
            return False
        near = sorted([each for each in taken if abs(each - moment) < self.window] + [moment])
        return all(later - earlier >= self.window for earlier, later in zip(near, near[self.most :], strict=False))

    def next_place(self, taken: Sequence[datetime], moment: datetime) -> datetime | None:
        """The first moment from this one on at which one more fits in; None where nothing ever does."""
        ends = sorted(each + self.window for each in taken)
        later = [moment, *(end for end in ends if end > moment)]
        return next((each for each in later if self.has_place(taken, each)), None)


def binding(caps: Iterable[Cap], purpose: str, channel: str) -> list[Cap]:
    """The caps that count such a contact."""
    return [cap for cap in caps if cap.counts(purpose, channel)]


def counted(cap: Cap, contacts: Iterable[Contact]) -> list[datetime]:
    """When the contacts are that a cap counts."""
    return [moment for purpose, channel, moment in contacts if cap.counts(purpose, channel)]
