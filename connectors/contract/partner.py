"""A partner's system as the claims see it: the levers they pull behind the connector's back."""

from __future__ import annotations

from typing import Protocol

from connectors.base import Record, Request


class Partner(Protocol):
    """A real or pretended partner system, and the levers that every one needs."""

    def add(self, stream: str, records: list[Record]) -> list[str]:
        """Store records of our shape, all at one and the same time; give their external ids."""

    def change(self, stream: str, external_id: str, fields: Record) -> None:
        """Change these fields of one record."""

    def remove(self, stream: str, external_id: str) -> None:
        """Delete one record."""

    def ids(self, stream: str) -> list[str]:
        """The external ids of the living records."""


class Levers(Partner, Protocol):
    """What a partner may offer besides; a claim that needs a lever is skipped where the partner has none."""

    def restore(self, stream: str, external_id: str, record: Record) -> None:
        """Bring a deleted record back to life under its old id."""

    def add_late(self, stream: str, records: list[Record], seconds: float) -> list[str]:
        """Store records whose time of change lies so many seconds before the newest; give their external ids."""

    def shift_clock(self, seconds: float) -> None:
        """Let the partner's clock run so many seconds ahead of the true time, or behind it."""

    def cut_times(self) -> None:
        """Tell and compare times in full seconds from now on."""

    def expire_tokens(self) -> None:
        """Refuse every token or session handed out so far."""

    def tokens_issued(self) -> int:
        """How many tokens or sessions were handed out so far."""

    def delivery(self, stream: str, external_id: str, age_seconds: float = 0) -> Request:
        """What the partner sends to our door about this record, signed so many seconds ago; each call is a new one."""
