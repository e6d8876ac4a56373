"""The rules as a process knows them: read again every 2 s at most, and at once where they were changed.

Reading a customer then asks the database nothing more; what is hidden is hidden in every process within 5 s.
"""

from __future__ import annotations

import time
from math import inf
from typing import NamedTuple

from sqlalchemy import text

from gateway.customers.attributes.rules import Rules
from gateway.customers.attributes.values import Definition
from gateway.db import Query, Transaction

REREAD_SECONDS = 2.0
_DEFINED = Query(
    text(
        """
        SELECT name, type, choices, minimum, maximum, is_required, pattern, visible_on, writable_on, is_by_agreement,
               is_searchable, keyed_at IS NOT NULL
        FROM attribute_definitions
        """
    )
)


class _Reading(NamedTuple):
    rules: Rules
    read_at: float


_NEVER = _Reading(Rules({}), -inf)
_reading, _changes, _is_closed = _NEVER, 0, False


def close_to_others(is_closed: bool) -> None:
    """Whether this process refuses attributes that nobody declared; told once, of the settings."""
    global _is_closed
    _is_closed = is_closed
    expire()


def read(tx: Transaction) -> Rules:
    """The rules as they are in this transaction."""
    return Rules({row[0]: Definition(*row) for row in tx.rows(_DEFINED)}, is_closed=_is_closed)


def present(tx: Transaction) -> Rules:
    """The rules as they were 2 s ago at most."""
    global _reading
    reading, changes, begun_at = _reading, _changes, time.monotonic()
    if begun_at - reading.read_at <= REREAD_SECONDS:
        return reading.rules
    fresh = _Reading(read(tx), begun_at)
    if changes == _changes:  # else somebody may have changed them behind what was read
        _reading = fresh
    return fresh.rules


def expire() -> None:
    """Have this process read again at once."""
    global _reading, _changes
    _changes += 1
    _reading = _NEVER
