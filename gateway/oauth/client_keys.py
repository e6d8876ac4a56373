"""The public keys of a client that signs assertions: which are good enough, and which algorithm each stands for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import JWKRegistry, Key
from joserfc.jws import JWSRegistry

from gateway.errors import refuse_field

# "Ed25519" is the newer name of the same signature (RFC 9864), which clients begin to use.
ALGORITHMS = ("ES256", "PS256", "EdDSA", "Ed25519")
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MOST_KEYS = 5
_SHORTEST_MODULUS = 342  # 2048 bits in base64url


def check_jwks(jwks: Any) -> dict[str, Any]:
    """The key set as it may be stored; raises Invalid for private, weak or unknown keys."""
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 1 <= len(keys) <= _MOST_KEYS:
        raise refuse_field("/jwks", "malformed", f"A JSON Web Key Set with 1 to {_MOST_KEYS} public keys.")
    for number, key in enumerate(keys):
        _check_key(key, f"/jwks/keys/{number}")
    return {"keys": keys}


class _Algorithms(JWSRegistry):
    def get_alg(self, name: str) -> Any:
        # joserfc warns of EdDSA for the sake of its newer name; it is registered here on purpose.
        if name not in ALGORITHMS:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


_ALGORITHMS = _Algorithms(strict_check_header=False)


def is_signed_by(assertion: str, header: dict[str, Any], jwks: dict[str, Any]) -> bool:
    """Whether one of the registered keys made the signature, by the one algorithm that key stands for."""
    return any(_fits(assertion, key) for key in _fitting(jwks, header.get("alg"), header.get("kid")))


def algorithms_of(key: dict[str, Any]) -> tuple[str, ...]:
    """What a key may be used with, under each of its names: no key serves two (RFC 8725 section 3.1)."""
    kind = (key.get("kty"), key.get("crv"))
    if kind == ("EC", "P-256"):
        return ("ES256",)
    if kind == ("OKP", "Ed25519"):
        return ("EdDSA", "Ed25519")
    return ("PS256",) if key.get("kty") == "RSA" else ()


def _fitting(jwks: dict[str, Any], algorithm: object, kid: object) -> Iterator[Key]:
    for key in jwks["keys"]:
        if algorithm in algorithms_of(key) and (kid is None or key.get("kid", kid) == kid):
            yield _load(orjson.dumps(key))


def _fits(assertion: str, key: Key) -> bool:
    try:
        jws.deserialize_compact(assertion, key, registry=_ALGORITHMS)
    except (JoseError, ValueError):
        return False
    return True


@lru_cache(maxsize=2048)
def _load(key: bytes) -> Key:
    # Without alg, joserfc does not hold the key to one of the two names of its algorithm.
    return JWKRegistry.import_key({name: value for name, value in orjson.loads(key).items() if name != "alg"})


def _check_key(key: Any, pointer: str) -> None:
    if not isinstance(key, dict) or _PRIVATE_MEMBERS & key.keys():
        raise refuse_field(pointer, "private_key", "A public key alone; keep the private half to yourself.")
    algorithms = algorithms_of(key)
    if not algorithms or key.get("alg", algorithms[0]) not in algorithms:
        raise refuse_field(pointer, "unknown_algorithm", f"A key for {', '.join(ALGORITHMS)}.")
    if key["kty"] == "RSA" and len(str(key.get("n", ""))) < _SHORTEST_MODULUS:
        raise refuse_field(pointer, "too_weak", "An RSA key of at least 2048 bits.")
    try:
        _load(orjson.dumps(key))
    except (JoseError, ValueError, TypeError, KeyError):
        raise refuse_field(pointer, "malformed", "Not a usable JSON Web Key.") from None
