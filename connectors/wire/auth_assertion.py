"""OAuth 2 client credentials without a shared secret: an assertion signed with our key (RFC 7523 section 2.2)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, OKPKey, RSAKey

from connectors.wire.auth_oauth import Ask, ClientCredentials, Token

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_LIFE_SECONDS = 60

Key = ECKey | OKPKey | RSAKey
_FIT: tuple[tuple[type[Key], str | None, str], ...] = (
    (ECKey, "P-256", "ES256"),
    (OKPKey, "Ed25519", "EdDSA"),
    (RSAKey, None, "PS256"),
)


def read_key(pem: str) -> tuple[Key, str]:
    """A private key (PEM) with the algorithm it signs by; ValueError unless it is EC P-256, Ed25519 or RSA."""
    for kind, curve, algorithm in _FIT:
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if key.is_private and curve in (None, key.as_dict().get("crv")):
            return key, algorithm
    raise ValueError("no private key of a kind that signs assertions")


class Assertion(ClientCredentials):
    """Proves by `private_key` who we are; `audience` is the issuer of the tokens."""

    def __init__(self, settings: Mapping[str, Any], ask: Ask) -> None:
        super().__init__(settings, ask)
        self._key, self._algorithm = read_key(settings["private_key"])

    def _fetch(self) -> Token:
        proof = {"client_assertion_type": _TYPE, "client_assertion": self._signed(int(time.time()))}
        return self._read(self._ask(urlencode({"grant_type": "client_credentials", **proof}).encode(), _FORM))

    def _signed(self, at: int) -> str:
        client_id = self._settings["client_id"]
        claims = {"iss": client_id, "sub": client_id, "aud": self._settings["audience"], "jti": str(uuid4())}
        header = {"alg": self._algorithm, "typ": "JWT"}
        with warnings.catch_warnings():
            # EdDSA is the name that servers know; its successor (RFC 9864) is not yet understood everywhere.
            warnings.simplefilter("ignore", SecurityWarning)
            times = {"iat": at, "exp": at + _LIFE_SECONDS}
            return jwt.encode(header, {**claims, **times}, self._key, algorithms=[self._algorithm])
