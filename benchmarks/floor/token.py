"""The floor of the token endpoint: look the client up by its header, sign ES256 bare, insert the record, answer.

The key is the product's own, opened once at the start; the secret is compared by looking its header up in a dict.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from benchmarks.floor.api import StartResponse
from benchmarks.floor.pool import Known, Pool, read_callers
from gateway import vault
from gateway.channels import Caller, Channel
from gateway.config import _vault_keys
from gateway.db import new_id, transaction
from gateway.oauth import issuing, keys, tokens
from gateway.oauth.scopes import scopes_on
from gateway.pool import close_database, open_database, opening

_SCOPE = " ".join(sorted(scopes_on(Channel.EXTRANET)))
_LIFE = 3600


def create_floor() -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The WSGI function."""
    kid, key = _signing_key()
    head = _encoded(orjson.dumps({"typ": tokens.TYPE, "alg": keys.ALGORITHM, "kid": kid})) + b"."
    pool, clients, issuer = Pool(), read_callers(), os.environ["KOPRU_BASE_URL"]
    as_opened = opening(Caller.system("oauth"))

    def floor(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        known = clients.get(environ.get("HTTP_AUTHORIZATION", ""))
        form = dict(parse_qsl(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))))
        if known is None or form.get(b"grant_type") != b"client_credentials":
            start_response("401 Unauthorized", [])
            return [b""]
        claims = _claims(known, issuer)
        record = _record(known, claims, environ)
        connection = pool.take()
        try:
            connection.execute(as_opened)
            token = _sign(head, claims, key)
            connection.execute(issuing._RECORD.sql, issuing._RECORD.bind(record))
            connection.commit()
        finally:
            pool.give(connection)
        body = orjson.dumps({"access_token": token, "token_type": "Bearer", "expires_in": _LIFE, "scope": _SCOPE})
        start_response(
            "200 OK",
            [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")],
        )
        return [body]

    return floor


def _claims(known: Known, issuer: str) -> dict[str, Any]:
    issued_at = int(time.time())
    return {
        "iss": issuer, "sub": known.client_id, "aud": f"{issuer}/extranet/v1", "client_id": known.client_id,
        "scope": _SCOPE, "jti": str(new_id()), "iat": issued_at, "exp": issued_at + _LIFE,
    }  # fmt: skip


def _record(known: Known, claims: dict[str, Any], environ: dict[str, Any]) -> dict[str, Any]:
    issued_at = datetime.fromtimestamp(claims["iat"], UTC)
    return {
        "id": claims["jti"], "client_id": known.client_id, "user_id": None, "family_id": None,
        "grant_type": "client_credentials", "scope": _SCOPE, "address": environ["REMOTE_ADDR"],
        "issued_at": issued_at, "expires_at": issued_at + timedelta(seconds=_LIFE),
    }  # fmt: skip


def _sign(head: bytes, claims: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> str:
    signed = head + _encoded(orjson.dumps(claims))
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    return (signed + b"." + _encoded(r.to_bytes(32) + s.to_bytes(32))).decode()


def _encoded(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def _signing_key() -> tuple[str, ec.EllipticCurvePrivateKey]:
    vault.load_keys(_vault_keys(os.environ["KOPRU_VAULT_KEYS"]))
    open_database(os.environ["DATABASE_URL"], pool_size=1)
    try:
        with transaction(Caller.system("benchmarks")) as tx:
            ring = keys.load_ring(tx)
    finally:
        close_database()
    assert ring.signing_key is not None
    key = ring.signing_key.private_key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return ring.signing_kid, key
