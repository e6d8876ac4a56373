"""The ways in which a customer can be reached, and through which channel each of them leads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

# A channel that is not here needs no contact point: an app knows its user, a visit knows the door.
_SERVED_BY = {"phone": "phone", "sms": "phone", "chat": "phone", "email": "email", "post": "address"}


class Point(NamedTuple):
    """A contact point: its id, kind (email, phone, address), normalised value, and how well it is known."""

    id: UUID
    kind: str
    value: str
    is_primary: bool
    is_verified: bool
    valid_from: datetime | None
    valid_until: datetime | None

    def serves(self, channel: str) -> bool:
        """Whether a contact through the channel can be made here."""
        return _SERVED_BY.get(channel) == self.kind

    def is_valid(self, at: datetime) -> bool:
        """Whether it counts at a moment."""
        has_begun = self.valid_from is None or self.valid_from <= at
        return has_begun and (self.valid_until is None or at < self.valid_until)


def points_of(customer: dict[str, Any]) -> list[Point]:
    """The contact points of a customer in wire form that have a value."""
    return [_point(each) for each in customer["contact_points"] if each["value"]]


def needs_point(channel: str) -> bool:
    """Whether a contact through the channel is made at a contact point."""
    return channel in _SERVED_BY


def fit_for(points: Sequence[Point], channel: str, at: datetime) -> list[Point]:
    """Those that serve a channel at a moment, the best known first: verified, then primary."""
    fit = [point for point in points if point.serves(channel) and point.is_valid(at)]
    return sorted(fit, key=lambda point: (not point.is_verified, not point.is_primary))


def _point(raw: dict[str, Any]) -> Point:
    return Point(
        id=UUID(str(raw["id"])),
        kind=raw["kind"],
        value=raw["value"],
        is_primary=raw["primary"],
        is_verified=raw["verified_at"] is not None,
        valid_from=_moment(raw["valid_from"]),
        valid_until=_moment(raw["valid_until"]),
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
