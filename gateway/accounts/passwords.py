"""Passwords: argon2id (RFC 9106) with the OWASP parameters, and the growing delay after wrong ones."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 10, 256
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Each hash takes 19 MiB; two at a time keep a storm of sign-ins from filling a small web worker.
_room = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The argon2id hash, with its parameters, of a password in its NFKC form."""
    with _room:
        return _hasher.hash(_normal(password))


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password fits; takes as long when there is nothing to compare with (`None`)."""
    stand_in = _stand_in()
    if len(password) > LONGEST:
        password_hash, password = None, ""
    try:
        with _room:
            _hasher.verify(password_hash or stand_in, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with older parameters."""
    return _hasher.check_needs_rehash(password_hash)


def delay_seconds(failures: int, free: int) -> int:
    """How long to keep out after so many failures in a row: none up to `free`, then 15 s, 30 s, 60 s … 15 minutes."""
    return 0 if failures < free else min(15 << min(failures - free, 6), 900)


def _normal(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


@cache
def _stand_in() -> str:
    return _hasher.hash("nobody's password")
