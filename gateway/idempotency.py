"""Idempotency-Key: the answer commits with the effect and is replayed for 24 hours.

Keys of one caller are its own; a refused request (4xx, 5xx) stores nothing, so it can be mended and sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import text

from gateway import vault
from gateway.channels import Caller
from gateway.db import Query, Transaction, transaction
from gateway.errors import BadRequest, Conflict, Invalid
from gateway.queue import chore

KEPT = timedelta(hours=24)
_MOST_LETTERS = 255

_LOOK = Query(
    text(
        """
        SELECT pg_try_advisory_xact_lock(:lock) AS is_ours, k.fingerprint, k.status, k.headers, k.body
        FROM (SELECT 1) one LEFT JOIN idempotency_keys k ON k.caller = :caller AND k.key = :key
        """
    )
)
_KEEP = Query(
    text(
        """
        INSERT INTO idempotency_keys (caller, key, fingerprint, status, headers, body)
        VALUES (:caller, :key, :fingerprint, :status, :headers, :body)
        """
    )
)
_FORGET = Query(text("DELETE FROM idempotency_keys WHERE created_at < now() - CAST(:kept AS interval)"))

_FORGET_ONE = Query(text("DELETE FROM idempotency_keys WHERE caller = :caller AND key = :key"))
_WALK = Query(
    text(
        """
        SELECT caller, key, fingerprint, status, headers, body FROM idempotency_keys
        WHERE (caller, key) > (:caller, :key) ORDER BY caller, key LIMIT 500
        """
    )
)


class KeyInUse(Conflict):
    """The first request under this key has not ended yet."""

    code, title = "idempotency_key_in_use", "A request under this Idempotency-Key is still running"


class KeyReused(Invalid):
    """The key was used for a different request."""

    code, title = "idempotency_key_reused", "This Idempotency-Key was used for a different request"


class StoredAnswer(NamedTuple):
    """An answer as it was first given."""

    status: int
    headers: dict[str, str]
    body: bytes


class Attempt(NamedTuple):
    """One request under a key."""

    caller: str
    key: str
    fingerprint: bytes


def attempt_of(caller: Caller, key: str, method: str, path: str, body: bytes) -> Attempt:
    """Name the attempt; raises BadRequest for a key that is empty, too long or not plain ASCII."""
    if not key or len(key) > _MOST_LETTERS or not key.isascii() or not key.isprintable():
        message = "1 to 255 printable ASCII characters."
        raise BadRequest(errors=[{"parameter": "Idempotency-Key", "code": "malformed", "message": message}])
    seen = hashlib.sha256(f"{method} {path}\n".encode() + body).digest()
    return Attempt(caller.key, key, seen)


def recall(tx: Transaction, attempt: Attempt) -> StoredAnswer | None:
    """The stored answer, or None for a first request, which then holds the key until its transaction ends.

    Raises KeyInUse (409) while another holds it, KeyReused (422) for a different request.
    """
    lock = int.from_bytes(hashlib.sha256(f"{attempt.caller}\n{attempt.key}".encode()).digest()[:8], signed=True)
    row = tx.first(_LOOK, lock=lock, caller=attempt.caller, key=attempt.key)
    is_ours, fingerprint, status, headers, body = row or (False, None, 0, {}, b"")
    if fingerprint is None:
        if not is_ours:
            raise KeyInUse(headers={"Retry-After": "1"})
        return None
    if bytes(fingerprint) != attempt.fingerprint:
        raise KeyReused
    return StoredAnswer(status, headers, vault.unseal_bytes(bytes(body), _place(attempt)))


def keep(tx: Transaction, attempt: Attempt, answer: StoredAnswer) -> None:
    """Store the answer in the transaction of its effect; raises KeyInUse when another came first after all.

    It is sealed: an answer can hold a secret that is shown this once.
    """
    body = vault.seal_bytes(answer.body, _place(attempt))
    values: dict[str, Any] = {"status": answer.status, "headers": Jsonb(answer.headers), "body": body}
    try:
        tx.run(_KEEP, caller=attempt.caller, key=attempt.key, fingerprint=attempt.fingerprint, **values)
    except psycopg.errors.UniqueViolation:
        # The first one committed between our look and our lock; our effect is rolled back, theirs stands.
        raise KeyInUse(headers={"Retry-After": "1"}) from None


def _place(attempt: Attempt) -> str:
    return f"idempotency:{attempt.caller}:{attempt.key}"


def kept(tx: Transaction) -> Iterator[tuple[Attempt, StoredAnswer]]:
    """Every answer that is kept, opened, some at a time; one whose seal is broken is skipped, for it tells nothing."""
    after = ("", "")
    while rows := tx.rows(_WALK, caller=after[0], key=after[1]):
        for caller, key, fingerprint, status, headers, body in rows:
            attempt = Attempt(caller, key, bytes(fingerprint))
            with suppress(vault.SealBroken):
                yield attempt, StoredAnswer(status, headers, vault.unseal_bytes(bytes(body), _place(attempt)))
        after = rows[-1][:2]


def forget(tx: Transaction, attempt: Attempt) -> None:
    """Forget one answer."""
    tx.run(_FORGET_ONE, caller=attempt.caller, key=attempt.key)


@chore(every_seconds=600)
def forget_old_keys() -> None:
    """Delete answers older than 24 hours."""
    with transaction(Caller.system("idempotency"), statement_seconds=60) as tx:
        tx.run(_FORGET, kept=KEPT)
