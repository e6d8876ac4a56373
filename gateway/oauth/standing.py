"""What every process must know within seconds: who may still act, what was revoked, which keys are in force.

A process reads it again at most every 2 s, in bulk, and trusts nothing older than 4 s: a revocation, a disabled client
or person, a suspended partner and a withdrawn key hold everywhere within 5 s, without a query for each request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from math import inf
from typing import TypeVar
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.errors import Unavailable
from gateway.oauth import keys
from gateway.oauth.keys import NO_KEYS, Keyring
from gateway.oauth.known import KnownClient, Person, load_clients, load_people

Key = TypeVar("Key", bound=Hashable)
Known = TypeVar("Known")

REREAD_SECONDS = 2.0
TRUSTED_SECONDS = 4.0
_MOST_WAIT_SECONDS = 3.0
_MOST_KNOWN = 10_000
_REVOKED = Query(text("SELECT subject FROM revocations WHERE expires_at > now()"))


class Standing:
    """One reading: complete for revocations and keys, filled as asked for clients and people."""

    __slots__ = ("_clients", "_people", "keyring", "read_at", "revoked")

    def __init__(self, read_at: float, keyring: Keyring, revoked: frozenset[str]) -> None:
        self.read_at = read_at
        self.keyring = keyring
        self.revoked = revoked
        self._clients: dict[str, KnownClient] = {}
        self._people: dict[UUID, Person] = {}

    def client(self, client_id: str, tx: Transaction | None = None) -> KnownClient | None:
        """The active client with this id; the first time the database is asked, through `tx` where one is open."""
        return self._clients.get(client_id) or _look_up(tx, load_clients, client_id, self._clients)

    def reload_client(self, client_id: str, tx: Transaction) -> KnownClient | None:
        """The client as the database has it now, for when what is known may be seconds old."""
        return _look_up(tx, load_clients, client_id, self._clients)

    def person(self, user_id: UUID, tx: Transaction | None = None) -> Person | None:
        """The active person with this id; the first time the database is asked."""
        return self._people.get(user_id) or _look_up(tx, load_people, user_id, self._people)

    def again(self, tx: Transaction) -> Standing:
        """A new reading, with everybody this one knew and who is still active."""
        read_at = time.monotonic()
        revoked = frozenset(subject for (subject,) in tx.rows(_REVOKED))
        fresh = Standing(read_at, keys.load_ring(tx, self.keyring), revoked)
        fresh._clients = load_clients(tx, list(self._clients)[-_MOST_KNOWN:])
        fresh._people = load_people(tx, list(self._people)[-_MOST_KNOWN:])
        return fresh


_reading = threading.Lock()
_standing = Standing(-inf, NO_KEYS, frozenset())
_changes = 0


def current() -> Standing:
    """The present standing; one thread reads it again while the others go on with what they have, up to 4 s.

    Raises Unavailable when the database does not answer for longer than that.
    """
    standing = _standing
    age = time.monotonic() - standing.read_at if standing.keyring.public else inf
    if age <= REREAD_SECONDS:
        return standing
    is_too_old = age > TRUSTED_SECONDS
    if not _reading.acquire(timeout=_MOST_WAIT_SECONDS if is_too_old else 0):
        if is_too_old:
            raise Unavailable("The database does not answer; try again in a moment.", headers={"Retry-After": "2"})
        return standing
    try:
        return _read_again()
    finally:
        _reading.release()


def expire() -> None:
    """Have this process read again at once: something was revoked, disabled or rotated here."""
    global _changes
    _changes += 1
    _standing.read_at = -inf


def forget() -> None:
    """Drop everything known, such as after the database was replaced by another one."""
    global _standing
    expire()
    _standing = Standing(-inf, NO_KEYS, frozenset())


def _read_again() -> Standing:
    global _standing
    known = _standing
    if known.keyring.public and time.monotonic() - known.read_at <= REREAD_SECONDS:
        return known
    changes = _changes
    with transaction(Caller.system("oauth")) as tx:
        fresh = known.again(tx)
    if changes != _changes:
        fresh.read_at = -inf
    _standing = fresh
    return fresh


def _look_up(
    tx: Transaction | None,
    load: Callable[[Transaction, list[Key]], dict[Key, Known]],
    key: Key,
    known: dict[Key, Known],
) -> Known | None:
    if tx is None:
        with transaction(Caller.system("oauth")) as own:
            found = load(own, [key])
    else:
        found = load(tx, [key])
    known.update(found)
    return found.get(key)
