"""Who may come to our door: each way of signing, and each way of cheating."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from marshmallow import ValidationError
from standardwebhooks.webhooks import Webhook

from connectors.base import NotAuthentic, Request
from connectors.wire.inbound import Inbound, signed_content, verify

NOW = 1_800_000_000
BODY = '{"records": [{"given_name": "Şule"}]}'.encode()
KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER = "whsec_" + base64.b64encode(b"o" * 32).decode()
SHARED = "paylaşılan-uzun-anahtar"


def standard(*secrets: str, **more: Any) -> Any:
    """Settings for Standard Webhooks."""
    return Inbound().load({"kind": "standard_webhooks", "secrets": list(secrets) or [KEY], **more})


def signed(body: bytes = BODY, secret: str = KEY, at: int = NOW, message_id: str = "msg_1") -> Request:
    """A request as an independent implementation of the standard signs it."""
    signature = Webhook(secret).sign(message_id, datetime.fromtimestamp(at, UTC), body.decode())
    headers = {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}
    return Request(headers, body)


def with_(request: Request, body: bytes | None = None, **headers: str) -> Request:
    """The request, altered on its way."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request({**request.headers, **named}, request.body if body is None else body)


def test_a_standard_webhook_signed_by_others_is_believed() -> None:
    assert verify(signed(), standard(), NOW + 299) == "msg_1"
    assert signed_content(signed(), standard()) is None, "its id is signed"


@pytest.mark.parametrize(
    "alter",
    [
        lambda each: with_(each, BODY.replace(b"0", b"1").replace(b"records", b"recordz")),
        lambda each: with_(each, BODY.replace(b": ", b":")),
        lambda each: with_(each, b""),
        lambda each: with_(each, webhook_id="msg_2"),
        lambda each: with_(each, webhook_id=""),
        lambda each: with_(each, webhook_id="m" * 201),
        lambda each: with_(each, webhook_timestamp=str(NOW + 1)),
        lambda each: with_(each, webhook_timestamp="Infinity"),
        lambda each: with_(each, webhook_timestamp="٣"),
        lambda each: with_(each, webhook_signature=""),
        lambda each: with_(each, webhook_signature="v1,"),
        lambda each: with_(each, webhook_signature="v1,%%% v2 ,,"),
        lambda each: with_(each, webhook_signature=each.headers["webhook-signature"].replace("v1,", "v1a,")),
        lambda each: Request({}, BODY),
    ],
)
def test_a_standard_webhook_altered_in_any_part_is_refused(alter: Callable[[Request], Request]) -> None:
    with pytest.raises(NotAuthentic):
        verify(alter(signed()), standard(), NOW)


@pytest.mark.parametrize("now", [NOW - 301, NOW + 301])
def test_a_webhook_of_another_time_is_refused(now: int) -> None:
    with pytest.raises(NotAuthentic, match="too old or too new"):
        verify(signed(), standard(), now)


def test_one_good_signature_among_garbage_and_one_good_secret_among_others_are_enough() -> None:
    request = signed()
    crowded = with_(request, webhook_signature=f"v1,x=y  v1,!! v0,AAAA {request.headers['webhook-signature']}")
    assert verify(crowded, standard(OTHER, KEY), NOW) == "msg_1"
    with pytest.raises(NotAuthentic):
        verify(crowded, standard(OTHER), NOW)


def test_a_webhook_signed_with_a_private_key_is_believed_by_its_public_one() -> None:
    key = Ed25519PrivateKey.generate()
    public = "whpk_" + base64.b64encode(key.public_key().public_bytes_raw()).decode()
    signature = base64.b64encode(key.sign(f"msg_1.{NOW}.".encode() + BODY)).decode()
    request = with_(signed(), webhook_signature=f"v1a,{signature}")
    assert verify(request, standard(public), NOW) == "msg_1"
    with pytest.raises(NotAuthentic):
        verify(with_(request, BODY + b" "), standard(public), NOW)


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "sha512"])
@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_an_hmac_of_the_body_is_believed_and_names_the_delivery_by_its_bytes(algorithm: str, encoding: str) -> None:
    wish = {"kind": "hmac", "secrets": [SHARED], "header": "X-Hub-Signature", "prefix": f"{algorithm}="}
    settings = Inbound().load({**wish, "algorithm": algorithm, "encoding": encoding})
    digest = hmac.digest(SHARED.encode(), BODY, algorithm)
    written = digest.hex() if encoding == "hex" else base64.b64encode(digest).decode()
    request = Request({"x-hub-signature": f"{algorithm}={written}"}, BODY)
    assert verify(request, settings) == hashlib.sha256(BODY).hexdigest()
    for wrong in (with_(request, BODY + b"\n"), Request({"x-hub-signature": written}, BODY), Request({}, BODY)):
        with pytest.raises(NotAuthentic):
            verify(wrong, settings)


def test_an_hmac_may_sign_its_time_and_an_old_one_is_refused() -> None:
    wish = {"kind": "hmac", "secrets": [SHARED], "header": "X-Signature", "timestamp_header": "X-Time"}
    settings = Inbound().load({**wish, "id_header": "X-Delivery"})
    signature = hmac.new(SHARED.encode(), f"{NOW}.".encode() + BODY, "sha256").hexdigest()
    request = Request({"x-signature": signature, "x-time": str(NOW), "x-delivery": "d-7"}, BODY)
    assert verify(request, settings, NOW) == "d-7"
    assert signed_content(request, settings) == hashlib.sha256(f"{NOW}.".encode() + BODY).hexdigest()
    for wrong, now in ((request, NOW + 301), (with_(request, x_time=str(NOW + 200)), NOW + 200)):
        with pytest.raises(NotAuthentic):
            verify(wrong, settings, now)


def test_a_shared_token_is_believed_whatever_letters_it_has() -> None:
    wish = {"kind": "token", "secrets": ["eski-anahtar-eski-anahtar", SHARED]}
    settings = Inbound().load({**wish, "header": "Authorization", "prefix": "Bearer "})
    assert verify(Request({"authorization": f"Bearer {SHARED}"}, BODY), settings)
    for wrong in (SHARED, "Bearer ", f"Bearer {SHARED}x", "bearer " + SHARED):
        with pytest.raises(NotAuthentic):
            verify(Request({"authorization": wrong}, BODY), settings)


@pytest.mark.parametrize(
    "wish",
    [
        {"secrets": []},
        {"secrets": [""]},
        {"secrets": ["whsec_"]},
        {"secrets": ["whsec_" + base64.b64encode(b"short").decode()]},
        {"secrets": ["no-prefix-but-long-enough"]},
        {"kind": "hmac", "secrets": [SHARED]},
        {"kind": "token", "secrets": ["too short"], "header": "X-Token"},
        {"kind": "hmac", "secrets": [SHARED], "header": "X Token"},
        {"tolerance_seconds": 86_400},
        {"secret": KEY},
    ],
)
def test_a_way_of_signing_that_protects_nothing_is_refused(wish: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Inbound().load({"kind": "standard_webhooks", "secrets": [KEY], **wish})
