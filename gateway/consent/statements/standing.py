"""What all statements of a customer together come to: pure, from the statements and the moment.

A later word replaces an earlier one about the very same thing. Words about different things (everything, one purpose,
one channel, one contact point; to everybody, to one partner) stand beside each other, and of these the least
permissive wins. So it does between two records that were merged: no word said of the one replaces one of the other,
until the customer, who is one now, says something new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from gateway.consent.purposes.models import Purpose
from schemas.consent import EVERY_CHANNEL


@dataclass(frozen=True, slots=True)
class Word:
    """A statement as far as it decides; `moves` are the records it stood at after `said_of`, and since when."""

    id: UUID
    purpose: str | None
    channel: str
    contact_value: str | None
    audience: str
    partner_id: UUID | None
    is_granted: bool
    said_at: datetime
    valid_until: datetime | None
    recorded_at: datetime
    said_of: UUID
    moves: tuple[tuple[UUID, datetime], ...] = ()

    @property
    def about(self) -> tuple[object, ...]:
        """What it is about, and whom it is said to."""
        return self.purpose, self.channel, self.contact_value, self.audience, self.partner_id

    @property
    def rank(self) -> tuple[datetime, bool, UUID]:
        """Its place in time; of two words of one moment the withdrawal is the later."""
        return self.said_at, not self.is_granted, self.id

    def replaces(self, other: Word) -> bool:
        """Whether it is a later word about the same, said when both were about one record."""
        return self.rank > other.rank and other.stood_at(self.recorded_at) == self.said_of

    def stood_at(self, moment: datetime) -> UUID:
        """The record it belonged to then."""
        return next((record for record, since in reversed(self.moves) if since <= moment), self.said_of)

    def concerns(self, purpose: str, channel: str, contact_value: str | None) -> bool:
        """Whether it has a say in such a contact."""
        return (
            self.purpose in (None, purpose)
            and self.channel in (EVERY_CHANNEL, channel)
            and self.contact_value in (None, contact_value)
        )


class Verdict(NamedTuple):
    """What a customer's word comes to; `because` is granted, default, legal, withdrawn or no_consent."""

    is_allowed: bool
    because: str


def in_force(words: Iterable[Word], at: datetime) -> list[Word]:
    """The words that count at a moment: said by then, not run out, and not replaced."""
    alike: dict[tuple[object, ...], list[Word]] = {}
    for word in words:
        if word.said_at <= at and (word.valid_until is None or at < word.valid_until):
            alike.setdefault(word.about, []).append(word)
    return [word for same in alike.values() for word in _not_replaced(same)]


def judge(words: Sequence[Word], purpose: Purpose, channel: str, contact_value: str | None = None) -> Verdict:
    """What words in force come to. One about every purpose can forbid; only one that names the purpose is consent."""
    if purpose.is_duty:
        return Verdict(True, "legal")
    near = [word for word in words if word.concerns(purpose.code, channel, contact_value)]
    if not all(word.is_granted for word in near):
        return Verdict(False, "withdrawn")
    if any(word.purpose == purpose.code for word in near):
        return Verdict(True, "granted")
    return Verdict(True, "default") if purpose.is_allowed_by_default else Verdict(False, "no_consent")


def _not_replaced(same: list[Word]) -> list[Word]:
    if not any(word.moves for word in same):  # as nearly always, and however long the history
        return [max(same, key=lambda word: word.rank)]
    return [word for word in same if not any(other.replaces(word) for other in same)]
