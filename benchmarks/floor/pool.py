"""Database connections of a floor, and the callers it knows by their Authorization header."""

from __future__ import annotations

import json
import os
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from gateway.channels import Caller, Channel
from gateway.pool import opening

Raw = psycopg.Connection[Any]


class Known(NamedTuple):
    """Whoever holds a token: the partner, and the BEGIN that sets it."""

    partner_id: UUID
    partner: str
    client_id: str
    granted: frozenset[str]
    key: str
    opening: bytes
    caller: Caller


class Pool:
    """As many connections as threads ask at the same time."""

    def __init__(self) -> None:
        self._url = os.environ["DATABASE_URL"].replace("+psycopg", "")
        self._free: deque[Raw] = deque()

    def take(self) -> Raw:
        """A connection, to be given back."""
        try:
            return self._free.pop()
        except IndexError:
            return psycopg.connect(self._url, autocommit=True, options="-c timezone=UTC -c statement_timeout=5000")

    def give(self, connection: Raw) -> None:
        """Give a connection back."""
        self._free.append(connection)


def read_staff() -> dict[str, Caller]:
    """Everybody by Authorization header, where no partner stands behind them."""
    doors = json.loads(Path(os.environ["FLOOR_CALLERS"]).read_text())
    return {header: Caller(Channel.INTRANET, client_id=door["client_id"]) for header, door in doors.items()}


def read_callers() -> dict[str, Known]:
    """Everybody by Authorization header."""
    doors = json.loads(Path(os.environ["FLOOR_CALLERS"]).read_text())
    return {header: _known(door) for header, door in doors.items()}


def _known(door: dict[str, Any]) -> Known:
    partner_id = UUID(door["partner_id"])
    caller = Caller(Channel.EXTRANET, client_id=door["client_id"], partner_id=partner_id, partner=door["code"])
    granted = frozenset(door["granted"])
    return Known(partner_id, caller.partner, caller.client_id, granted, caller.key, opening(caller), caller)
