"""Standard Webhooks 1.0.0: what is signed is `{id}.{timestamp}.{body}`, the very bytes sent.

`v1` is HMAC-SHA-256 under a secret both sides hold (`whsec_`); `v1a` is Ed25519 under a key of ours (`whsk_`) that
anybody can check with its public half (`whpk_`). Each is its prefix and base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET, PRIVATE, PUBLIC = "whsec_", "whsk_", "whpk_"
KINDS = ("v1", "v1a")
LEAST_BYTES, MOST_BYTES = 24, 64
_MADE_BYTES = 32
_SEED_BYTES = 32


def new_key(kind: str) -> str:
    """A fresh key of a kind: 32 random bytes behind the prefix of what they are."""
    return (PRIVATE if kind == "v1a" else SECRET) + _encode(secrets.token_bytes(_MADE_BYTES))


def is_secret(text: str) -> bool:
    """Whether text is a `v1` secret as the standard wants it: `whsec_` and base64 of 24 to 64 bytes."""
    try:
        key = base64.b64decode(text.removeprefix(SECRET), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith(SECRET) and LEAST_BYTES <= len(key) <= MOST_BYTES


def public_half(private: str) -> str:
    """The `whpk_` of a `whsk_`."""
    return PUBLIC + _encode(_private(private).public_key().public_bytes_raw())


def public_bytes(public: str) -> bytes:
    """The 32 bytes of a `whpk_`."""
    return base64.b64decode(public.removeprefix(PUBLIC))


def sign(key: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, `v1,<base64>` or `v1a,<base64>` by the key's prefix; `timestamp` is in whole Unix seconds."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    if key.startswith(PRIVATE):
        return "v1a," + _encode(_private(key).sign(signed))
    secret = base64.b64decode(key.removeprefix(SECRET))
    return "v1," + _encode(hmac.digest(secret, signed, hashlib.sha256))


def headers(signing: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers; one signature for each key, separated by blanks, while keys overlap."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, message_id, timestamp, body) for key in signing),
    }


@lru_cache(maxsize=1024)
def _private(key: str) -> Ed25519PrivateKey:
    # Others write the seed with the public key behind it, 64 bytes; the seed alone makes the key.
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(key.removeprefix(PRIVATE))[:_SEED_BYTES])


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
