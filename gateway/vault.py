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
    name = _keys[0][0]
    return f"{name}.{base64.urlsafe_b64encode(_encrypt(name, _keys[0][1], secret.encode(), bound_to)).decode()}"


def unseal(sealed: str, bound_to: str) -> str:
    """Decrypt what `seal` made for the same place; raises SealBroken."""
    name, _, encoded = sealed.partition(".")
    try:
        encrypted = base64.urlsafe_b64decode(encoded)
    except ValueError:
        raise SealBroken("a sealed secret was altered: it is not base64") from None
    return _decrypt(name, encrypted, bound_to).decode()


def seal_bytes(content: bytes, bound_to: str) -> bytes:
    """Encrypt `content` for the place `bound_to`; answers the key's name, a NUL and the sealed bytes."""
    name, key = _keys[0]
    return name.encode() + b"\0" + _encrypt(name, key, content, bound_to)


def unseal_bytes(sealed: bytes, bound_to: str) -> bytes:
    """Decrypt what `seal_bytes` made for the same place; raises SealBroken."""
    name, _, encrypted = sealed.partition(b"\0")
    return _decrypt(name.decode("ascii", "replace"), encrypted, bound_to)


def _encrypt(name: str, key: bytes, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, f"{name}|{bound_to}".encode())


def _decrypt(name: str, sealed: bytes, bound_to: str) -> bytes:
    key = dict(_keys).get(name)
    if key is None:
        raise SealBroken(f"the vault key {name!r} is not among KOPRU_VAULT_KEYS")
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], f"{name}|{bound_to}".encode())
    except (InvalidTag, ValueError):  # too short to hold a nonce is altered too
        raise SealBroken("a sealed secret was altered or moved to another row") from None


def mark(text: str, purpose: str) -> bytes:
    """A one-way mark of what can be guessed, such as a phone: 16 bytes of HMAC-SHA-256 under the key that encrypts."""
    return _mark(_keys[0][1], text, purpose)


def marks(text: str, purpose: str) -> list[bytes]:
    """The same under every key, to look for marks that were made before keys changed."""
    return [_mark(key, text, purpose) for _, key in _keys]


def key_names() -> list[str]:
    """The names of the keys, the one that encrypts now first."""
    return [name for name, _ in _keys]


def _mark(key: bytes, text: str, purpose: str) -> bytes:
    # A key of its own for each purpose, so that neither tells anything of what the other protects.
    own = hmac.digest(key, f"kopru mark {purpose}".encode(), "sha256")
    return hmac.digest(own, text.encode("utf-8", "surrogatepass"), "sha256")[:16]


def needs_resealing(sealed: str) -> bool:
    """Whether a value was sealed under an older key than the one that encrypts now."""
    return sealed.partition(".")[0] != _keys[0][0]


def fingerprint(secret: str, purpose: str) -> str:
    """A one-way mark of a random secret, for look-ups: hex HMAC-SHA-256 keyed by purpose.

    A slow password hash is not wanted here: what goes in is 256 random bits, never a person's password.
    """
    return hmac.new(purpose.encode(), secret.encode(), hashlib.sha256).hexdigest()
