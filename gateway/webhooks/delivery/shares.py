"""How much of this process each endpoint may have at once, so that slow and dead ones hold no more than their share."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

MOST = 160  # claimed at once, on their way or about to be
WIDE, NARROW = 16, 2  # of one endpoint: one that has lately answered quickly, and any other
MOST_SLOW = 24  # of all those others together
QUICK_SECONDS = 2.0


class Shares:
    """Who has what, and who answers quickly; what it knows of an endpoint is only ever an opinion of this process."""

    def __init__(self) -> None:
        self._held: Counter[UUID] = Counter()
        self.quick: set[UUID] = set()

    @property
    def room(self) -> int:
        """How many more may be on their way."""
        return MOST - self._held.total()

    @property
    def has_slow(self) -> bool:
        """Whether anything is on its way to an endpoint that is not quick."""
        return not self.quick.issuperset(self._held)

    @property
    def has_room_for_slow(self) -> bool:
        """Whether endpoints that are not quick may have more."""
        return sum(count for endpoint, count in self._held.items() if endpoint not in self.quick) < MOST_SLOW

    def left(self, endpoint: UUID) -> int:
        """How many more one endpoint may have."""
        return max(0, (WIDE if endpoint in self.quick else NARROW) - self._held[endpoint])

    def busy(self) -> list[UUID]:
        """Those that have as much as they may."""
        return [endpoint for endpoint in self._held if not self.left(endpoint)]

    def begin(self, endpoint: UUID) -> None:
        """One more is on its way."""
        self._held[endpoint] += 1

    def end(self, endpoint: UUID) -> None:
        """One has landed."""
        self._held[endpoint] -= 1
        if not self._held[endpoint]:
            del self._held[endpoint]

    def judge(self, endpoint: UUID, is_quick: bool) -> None:
        """Remember how one went, or that it takes its time."""
        (self.quick.add if is_quick else self.quick.discard)(endpoint)
