"""What a partner sends to our door, verified: Standard Webhooks 1.0.0, an HMAC in a header, or a shared token.

Any connector may nest `Inbound` in its settings and call `verify` in its `receive`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.base import NotAuthentic, Request

Settings = Mapping[str, Any]
_SHARED, _PUBLIC = "whsec_", "whpk_"
_KEY_BYTES, _PUBLIC_BYTES = range(24, 65), range(32, 33)
_MOST_SIGNATURES = 20
_LONGEST_ID = 200
_DIGESTS = {"sha256": hashlib.sha256, "sha1": hashlib.sha1, "sha512": hashlib.sha512}
_DECODE: dict[str, Callable[[str], bytes]] = {
    "hex": bytes.fromhex,
    "base64": lambda text: base64.b64decode(text, validate=True),
}


def _header(description: str, **options: Any) -> fields.String:
    valid = validate.Regexp(r"^[A-Za-z0-9-]{1,80}\Z", error="The name of a header.")
    return fields.String(validate=valid, metadata={"description": description}, **options)


class Inbound(Schema):
    """How a partner signs what it sends us; several secrets count at once while they are being changed."""

    kind = fields.String(required=True, validate=validate.OneOf(("standard_webhooks", "hmac", "token")))
    secrets = fields.List(
        fields.String(validate=validate.Length(min=16, max=500)),
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=5),
        metadata={"description": "standard_webhooks: whsec_… (or whpk_…, a public key); else the shared secret itself"},
    )
    header = _header("hmac, token: the header that carries it")
    prefix = fields.String(
        load_default="", validate=validate.Length(max=40), metadata={"example": "sha256=", "description": "before it"}
    )
    algorithm = fields.String(load_default="sha256", validate=validate.OneOf(sorted(_DIGESTS)))
    encoding = fields.String(load_default="hex", validate=validate.OneOf(sorted(_DECODE)))
    timestamp_header = _header(
        "hmac: carries Unix seconds; signed is then {timestamp}.{body}", load_default=None, allow_none=True
    )
    id_header = _header(
        "hmac, token: names the delivery (unsigned: the same bytes are one all the same); else they are what names it",
        load_default=None,
        allow_none=True,
    )
    tolerance_seconds = fields.Integer(load_default=300, validate=validate.Range(min=10, max=3600))

    @validates_schema(skip_on_field_errors=True)
    def is_complete(self, data: Settings, **_: Any) -> None:
        """A header for what is no Standard Webhook, and keys of the right form for what is one."""
        if data["kind"] != "standard_webhooks":
            if "header" not in data:
                raise ValidationError({"header": [f"kind is {data['kind']}, which needs it."]})
            return
        for number, secret in enumerate(data["secrets"]):
            if _key(secret) is None:
                message = "whsec_ and 24 to 64 bytes in base64, or whpk_ and an Ed25519 public key."
                raise ValidationError({"secrets": {number: [message]}})


def verify(request: Request, settings: Settings, now: float | None = None) -> str:
    """The delivery's id, when the partner surely sent it just now; raises NotAuthentic. `settings` are an `Inbound`'s.

    Whoever copies a delivery sends the same id again, or the same bytes: it is known then, and not taken twice.
    """
    return _KINDS[settings["kind"]](request, settings, time.time() if now is None else now)


def signed_content(request: Request, settings: Settings) -> str | None:
    """What a verified request has signed, in short, where that does not cover the header of its id; else None."""
    is_named_apart = settings["kind"] == "hmac" and settings["id_header"]
    return hashlib.sha256(_signed(request, settings)).hexdigest() if is_named_apart else None


def _standard(request: Request, settings: Settings, now: float) -> str:
    message_id, timestamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
    if not message_id or "." in message_id or len(message_id) > _LONGEST_ID:
        raise NotAuthentic("The header webhook-id is missing or unusable.")
    _check_time(timestamp, settings, now)
    signed = f"{message_id}.{timestamp}.".encode() + request.body
    given = list(_signatures(request.headers.get("webhook-signature", "")))
    if not any(_signs(secret, signed, given) for secret in settings["secrets"]):
        raise NotAuthentic("No signature fits.")
    return message_id


def _hmac(request: Request, settings: Settings, now: float) -> str:
    signed = _signed(request, settings)
    if settings["timestamp_header"]:
        _check_time(_timestamp(request, settings), settings, now)
    given = _decoded(_DECODE[settings["encoding"]], _carried(request, settings))
    digest = _DIGESTS[settings["algorithm"]]
    expected = [hmac.digest(secret.encode(), signed, digest) for secret in settings["secrets"]]
    if not _any_equal(given or b"", expected):
        raise NotAuthentic("The signature does not fit.")
    return _delivery_id(request, settings, signed)


def _signed(request: Request, settings: Settings) -> bytes:
    return f"{_timestamp(request, settings)}.".encode() + request.body if settings["timestamp_header"] else request.body


def _timestamp(request: Request, settings: Settings) -> str:
    return request.headers.get(settings["timestamp_header"].lower(), "")


def _token(request: Request, settings: Settings, _: float) -> str:
    given = _carried(request, settings).encode()
    if not _any_equal(given, [secret.encode() for secret in settings["secrets"]]):
        raise NotAuthentic("The token does not fit.")
    return _delivery_id(request, settings, request.body)


_KINDS: dict[str, Callable[[Request, Settings, float], str]] = {
    "standard_webhooks": _standard,
    "hmac": _hmac,
    "token": _token,
}


def _check_time(timestamp: str, settings: Settings, now: float) -> None:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
        raise NotAuthentic("The timestamp is missing or not in whole Unix seconds.")
    if abs(now - int(timestamp)) > settings["tolerance_seconds"]:
        raise NotAuthentic("The timestamp is too old or too new.")


def _signatures(header: str) -> Iterator[tuple[str, bytes]]:
    """(version, signature) of each that can be read; what cannot is skipped, for a good one may stand after it."""
    for part in header.split(" ")[:_MOST_SIGNATURES]:
        version, _, encoded = part.partition(",")
        signature = _decoded(_DECODE["base64"], encoded)
        if signature:
            yield version, signature


def _signs(secret: str, signed: bytes, given: Iterable[tuple[str, bytes]]) -> bool:
    key = _key(secret)
    if key is None:
        return False
    if secret.startswith(_PUBLIC):
        return any(version == "v1a" and _ed25519(key, signature, signed) for version, signature in given)
    expected = hmac.digest(key, signed, hashlib.sha256)
    return any(version == "v1" and hmac.compare_digest(expected, signature) for version, signature in given)


def _ed25519(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def _key(secret: str) -> bytes | None:
    for prefix, lengths in ((_SHARED, _KEY_BYTES), (_PUBLIC, _PUBLIC_BYTES)):
        if secret.startswith(prefix):
            key = _decoded(_DECODE["base64"], secret.removeprefix(prefix))
            return key if key is not None and len(key) in lengths else None
    return None


def _carried(request: Request, settings: Settings) -> str:
    value = request.headers.get(settings["header"].lower(), "")
    if not value.startswith(settings["prefix"]):
        raise NotAuthentic(f"The header {settings['header']} is missing or begins differently.")
    return value.removeprefix(settings["prefix"])


def _any_equal(given: bytes, expected: Iterable[bytes]) -> bool:
    return any(hmac.compare_digest(given, each) for each in expected)


def _decoded(decode: Callable[[str], bytes], text: str) -> bytes | None:
    try:
        return decode(text)
    except (ValueError, binascii.Error):
        return None


def _delivery_id(request: Request, settings: Settings, signed: bytes) -> str:
    told = request.headers.get(settings["id_header"].lower(), "") if settings["id_header"] else ""
    return told if 0 < len(told) <= _LONGEST_ID else hashlib.sha256(signed).hexdigest()
