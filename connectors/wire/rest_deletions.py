"""Deletions from a list of their own, held back until the round has read the records: whoever comes back lives.

Such a list tells no times, and asked with an overlap it tells of a deletion again that was undone long since.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.base import Page, Record

Held = tuple[str, ...]
_MOST_HELD = 200  # they travel in the cursor; what is beyond is told at once


def hold(held: Held, external_ids: Iterable[str]) -> Held:
    """Those that wait, with the ones just listed."""
    return tuple(dict.fromkeys((*held, *external_ids)))[:_MOST_HELD]


def let_live(held: Held, records: Sequence[Record]) -> Held:
    """Those that wait, without the ones among these records."""
    living = {record.get("external_id") for record in records} if held else ()
    return tuple(each for each in held if each not in living)


def told_now(page: Page, held: Held) -> Page:
    """A page without the deletions that wait."""
    return replace(page, deleted=[each for each in page.deleted if each not in held]) if held else page
