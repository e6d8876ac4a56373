"""What should be so of people who may be one: who sees them, what was told of them, what partners call them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

Name = tuple[str, str]
"""What a partner's own system calls a customer: the partner's code and the external id."""


@dataclass
class Done:
    """A merge, the world before it, and whether anything has happened since."""

    id: UUID
    keep_id: UUID
    lose_id: UUID
    before: dict[str, Any]
    is_last: bool = True

    @property
    def both(self) -> tuple[UUID, UUID]:
        return self.keep_id, self.lose_id


@dataclass
class Model:
    """Who sees whom, which interactions there are, and whom each name means.

    A name, and what was told under it, is kept with the id it was first given to: merges lead on from there, and an
    undo leads back.
    """

    shares: dict[UUID, set[str]] = field(default_factory=dict)
    recorded: set[UUID] = field(default_factory=set)
    lost: dict[UUID, UUID] = field(default_factory=dict)
    merges: list[Done] = field(default_factory=list)
    names: dict[Name, UUID] = field(default_factory=dict)
    forgotten: set[Name] = field(default_factory=set)
    told: dict[UUID, UUID] = field(default_factory=dict)

    def survivor(self, customer_id: UUID) -> UUID:
        """Whom an id means now."""
        while customer_id in self.lost:
            customer_id = self.lost[customer_id]
        return customer_id

    def former(self, customer_id: UUID) -> set[UUID]:
        """All ids a living customer has had."""
        ids, more = {customer_id}, {customer_id}
        while more := {lost for lost, kept in self.lost.items() if kept in more}:
            ids |= more
        return ids

    def erased(self, customer_id: UUID) -> None:
        """A customer is gone, with all that was merged into it: no undo and no partner brings any of it back."""
        ids = self.former(customer_id)
        del self.shares[customer_id]
        self.lost = {lost: kept for lost, kept in self.lost.items() if lost not in ids}
        self.merges = [each for each in self.merges if each.keep_id not in ids]
        self.forgotten |= {name for name, meant in self.names.items() if meant in ids}
        self.names = {name: meant for name, meant in self.names.items() if meant not in ids}
        self.told = {each: meant for each, meant in self.told.items() if meant not in ids}

    def removed(self, names: set[Name]) -> None:
        """Partners deleted these: the share of whom none of a partner's names means any more has ended."""
        owners = {(name[0], self.survivor(self.names.pop(name))) for name in names}
        left = {(name[0], self.survivor(meant)) for name, meant in self.names.items()}
        for code, owner in owners - left:
            self.shares[owner].discard(code)

    def touched(self) -> None:
        """Something happened that no undo takes back."""
        for each in self.merges:
            each.is_last = False
