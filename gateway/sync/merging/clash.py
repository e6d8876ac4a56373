"""What merging finds besides changes: fields that both sides changed, and words of a partner that a rule refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from gateway.provenance import Source


class Refused(NamedTuple):
    """Fields of a record where the partner's word does not hold: ours goes back to it."""

    record_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that both sides changed to different values since they last agreed.

    `field` is a path such as `family_name` or `attributes/colour`; `base` is what both had, None where that is not
    known. `rule` settled it in favour of `chosen` ("ours" or "theirs"); where `chosen` is None it stays open. `is_new`
    tells a first meeting from a newer word on a conflict that is open already.
    """

    record_id: UUID
    customer_id: UUID
    field: str
    base: Any
    ours: Any
    theirs: Any
    their_time: datetime | None
    our_source: Source
    rule: str
    chosen: str | None
    is_new: bool = True
