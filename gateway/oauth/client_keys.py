"""The public keys of a client that signs assertions: which are good enough, and which algorithm each stands for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from gateway.errors import refuse_field

ALGORITHMS = ("ES256", "PS256", "EdDSA")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MOST_KEYS = 5
_SHORTEST_RSA_BITS = 2048


def check_jwks(jwks: Any) -> dict[str, Any]:
    """The key set as it may be stored; raises Invalid for private, weak or unknown keys."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        raise refuse_field("/jwks", "malformed", f"A JSON Web Key Set with 1 to {_MOST_KEYS} public keys.")
    for number, key in enumerate(keys):
        _check_key(key, f"/jwks/keys/{number}")
    return {"keys": keys}


def fitting_keys(jwks: dict[str, Any], algorithm: str, kid: object) -> list[Key]:
    """The client's keys for this algorithm, narrowed by `kid` where both sides give one."""
    return [
        _load(orjson.dumps(key))
        for key in jwks["keys"]
        if algorithm_of(key) == algorithm and (kid is None or key.get("kid", kid) == kid)
    ]


def algorithm_of(key: dict[str, Any]) -> str | None:
    """The one algorithm a key may be used with: no key serves two (RFC 8725 section 3.1)."""
    kind = (key.get("kty"), key.get("crv"))
    if kind == ("EC", "P-256"):
        return "ES256"
    if kind == ("OKP", "Ed25519"):
        return "EdDSA"
    return "PS256" if key.get("kty") == "RSA" else None


@lru_cache(maxsize=2048)
def _load(key: bytes) -> Key:
    return JWKRegistry.import_key(orjson.loads(key))


def _check_key(key: Any, pointer: str) -> None:
    if not isinstance(key, dict) or _PRIVATE_MEMBERS & key.keys():
        raise refuse_field(pointer, "private_key", "A public key alone; keep the private half to yourself.")
    algorithm = algorithm_of(key)
    if algorithm is None or key.get("alg", algorithm) not in (algorithm, "Ed25519"):
        raise refuse_field(pointer, "unknown_algorithm", f"A key for {', '.join(ALGORITHMS)}.")
    try:
        loaded = _load(orjson.dumps(key))
    except (JoseError, ValueError, TypeError, KeyError):
        raise refuse_field(pointer, "malformed", "Not a usable JSON Web Key.") from None
    if not isinstance(loaded, ECKey | OKPKey | RSAKey) or _is_short(loaded):
        raise refuse_field(pointer, "too_weak", f"At least {_SHORTEST_RSA_BITS} bits.")


def _is_short(key: Key) -> bool:
    return isinstance(key, RSAKey) and key.public_key.key_size < _SHORTEST_RSA_BITS
