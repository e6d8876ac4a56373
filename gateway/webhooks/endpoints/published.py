"""`GET /.well-known/webhooks/{endpoint}/keys.json`: what verifies an endpoint's `v1a` signatures, for anybody.

Each endpoint has keys of its own: with one key for all, a receiver could pass another's messages off as a third's.
"""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request
from joserfc.jwk import OKPKey

from gateway.channels import Caller
from gateway.db import transaction
from gateway.errors import NotFound, TooManyRequests
from gateway.json_body import write_json
from gateway.limits import Limiter
from gateway.webhooks.endpoints import keys, signature

# Both keys of a rotation sign for a day, so a set that was fetched before it still verifies.
MAX_AGE_SECONDS = 300

blueprint = Blueprint("webhook_keys", __name__)

_CALLER = Caller.system("webhook_keys")
_MOST_REQUESTS, _SECONDS = 600, 60
_limiter = Limiter()


def url_of(base_url: str, endpoint_id: UUID) -> str:
    """Where an endpoint's keys stand."""
    return f"{base_url}/.well-known/webhooks/{endpoint_id}/keys.json"


@blueprint.get("/.well-known/webhooks/<id:endpoint_id>/keys.json")
def show_keys(endpoint_id: UUID) -> Response:
    """The public keys as a JSON Web Key Set (RFC 7517, RFC 8037); raises NotFound where nothing is signed by one."""
    allowance = _limiter.spend(f"webhook_keys:{request.remote_addr}", _MOST_REQUESTS, _SECONDS)
    if not allowance.allowed:
        raise TooManyRequests(headers={"Retry-After": str(allowance.retry_seconds)})
    with transaction(_CALLER) as tx:
        published = keys.published(tx, endpoint_id)
    if not published:
        raise NotFound
    headers = {"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}", "Access-Control-Allow-Origin": "*"}
    content = write_json({"keys": [jwk_of(each) for each in published]})
    return Response(content, 200, headers, content_type="application/json")


def jwk_of(public: str) -> dict[str, Any]:
    """A `whpk_` as a JSON Web Key, named by its thumbprint (RFC 7638)."""
    x = base64.urlsafe_b64encode(signature.public_bytes(public)).decode().rstrip("=")
    curve: dict[str, str | list[str]] = {"kty": "OKP", "crv": "Ed25519", "x": x}
    return {**curve, "kid": OKPKey.import_key(curve).thumbprint(), "use": "sig", "alg": "EdDSA", "whpk": public}
