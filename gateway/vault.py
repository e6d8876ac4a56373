"""Secrets at rest: AES-256-GCM (NIST SP 800-38D) under a named key, bound to the row they belong to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12
_keys: tuple[tuple[str, bytes], ...] = ()


class SealBroken(Exception):
    """A sealed value cannot be opened: its key is gone, it was altered, or it was moved to another row."""


def load_keys(keys: tuple[tuple[str, bytes], ...]) -> None:
    """Take the installation's keys; the first encrypts, every one decrypts."""
    global _keys
    _keys = keys


def seal(secret: str, bound_to: str) -> str:
    """Encrypt `secret` for the place `bound_to` (such as `endpoint:<id>:secret`); answers `key.base64`."""
    name, key = _keys[0]
    nonce = os.urandom(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, secret.encode(), f"{name}|{bound_to}".encode())
    return f"{name}.{base64.urlsafe_b64encode(sealed).decode()}"


def unseal(sealed: str, bound_to: str) -> str:
    """Decrypt what `seal` made for the same place; raises SealBroken."""
    name, _, encoded = sealed.partition(".")
    key = dict(_keys).get(name)
    if key is None:
        raise SealBroken(f"the vault key {name!r} is not among KOPRU_VAULT_KEYS")
    raw = base64.urlsafe_b64decode(encoded)
    try:
        opened = AESGCM(key).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], f"{name}|{bound_to}".encode())
    except InvalidTag:
        raise SealBroken("a sealed secret was altered or moved to another row") from None
    return opened.decode()


def needs_resealing(sealed: str) -> bool:
    """Whether a value was sealed under an older key than the one that encrypts now."""
    return sealed.partition(".")[0] != _keys[0][0]


def fingerprint(secret: str, purpose: str) -> str:
    """A one-way mark of a random secret, for look-ups: hex HMAC-SHA-256 keyed by purpose.

    A slow password hash is not wanted here: what goes in is 256 random bits, never a person's password.
    """
    return hmac.new(purpose.encode(), secret.encode(), hashlib.sha256).hexdigest()
