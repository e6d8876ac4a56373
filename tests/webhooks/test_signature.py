"""Standard Webhooks 1.0.0: the public vectors, and verifiers that others wrote."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError
from svix.webhooks import Webhook as Svix
from svix.webhooks import WebhookVerificationError as SvixRefused

from gateway.webhooks.endpoints.signature import headers, is_secret, new_key, public_bytes, public_half, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SEED_AND_PUBLIC = "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
SEED = base64.b64encode(base64.b64decode(SEED_AND_PUBLIC)[:32]).decode()
SIGNED_BY_KEY = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
BODIES = st.dictionaries(TEXTS, TEXTS | st.integers() | st.none(), max_size=5)


def at_present() -> int:
    return int(datetime.now(UTC).timestamp())


def is_by(public: str, signature: str, message_id: str, timestamp: int, body: bytes) -> bool:
    """Whether `cryptography` accepts one `v1a` signature."""
    key = Ed25519PublicKey.from_public_bytes(public_bytes(public))
    try:
        key.verify(base64.b64decode(signature.removeprefix("v1a,")), f"{message_id}.{timestamp}.".encode() + body)
    except InvalidSignature:
        return False
    return True


def test_public_vector_of_the_shared_secret_is_met_to_the_byte() -> None:
    signature = sign(SECRET, ID, AT, BODY)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="


@pytest.mark.parametrize("key", [SEED_AND_PUBLIC, SEED])
def test_public_vector_of_the_private_key_is_met_to_the_byte(key: str) -> None:
    assert sign(f"whsk_{key}", ID, AT, BODY) == SIGNED_BY_KEY


def test_public_half_is_the_one_of_the_vector_and_verifies_it() -> None:
    public = public_half(f"whsk_{SEED_AND_PUBLIC}")
    assert public_bytes(public) == base64.b64decode(SEED_AND_PUBLIC)[32:]
    assert is_by(public, SIGNED_BY_KEY, ID, AT, BODY)
    assert not is_by(public, SIGNED_BY_KEY, ID, AT, BODY + b" ")
    assert not is_by(public, SIGNED_BY_KEY, ID, AT + 1, BODY)


@pytest.mark.parametrize(("kind", "prefix"), [("v1", "whsec_"), ("v1a", "whsk_")])
def test_new_key_holds_32_random_bytes_behind_its_prefix(kind: str, prefix: str) -> None:
    key = new_key(kind)
    assert key.startswith(prefix)
    assert len(base64.b64decode(key.removeprefix(prefix))) == 32
    assert key != new_key(kind)


@pytest.mark.parametrize("size", [24, 32, 64])
def test_secret_of_24_to_64_bytes_is_one(size: int) -> None:
    assert is_secret("whsec_" + base64.b64encode(b"k" * size).decode())


_24 = base64.b64encode(b"k" * 24).decode()


@pytest.mark.parametrize(
    "text",
    [
        "", "whsec_", _24, f"whpk_{_24}", f"whsk_{_24}", f"WHSEC_{_24}", f"whsec_{_24[:-4]}", f"whsec_{_24}!",
        f"whsec_{_24[:-1]}", f"whsec_{_24}\n", f"whsec_whsec_{_24}",
        "whsec_ş" + _24[1:], f"whsec_{_24[:8]}-_{_24[10:]}",
        "whsec_" + base64.b64encode(b"k" * 65).decode(), "whsec_" + base64.b64encode(b"k").decode(),
    ],
)  # fmt: skip
def test_what_is_no_secret_is_known(text: str) -> None:
    assert not is_secret(text)


@given(BODIES)
def test_every_message_of_an_overlap_is_accepted_by_verifiers_of_others(content: dict[str, object]) -> None:
    body = json.dumps(content, ensure_ascii=False).encode()
    old, new = new_key("v1"), new_key("v1")
    old_private, new_private = new_key("v1a"), new_key("v1a")
    moment = at_present()
    signed = headers([new_private, new, old_private, old], "0193", moment, body)
    for secret in (old, new):
        assert Webhook(secret).verify(body, signed) == content
        Svix(secret).verify(body, signed)
    asymmetric = [each for each in signed["webhook-signature"].split(" ") if each.startswith("v1a,")]
    for private in (old_private, new_private):
        assert sum(is_by(public_half(private), each, "0193", moment, body) for each in asymmetric) == 1


def test_turkish_text_is_signed_as_it_is_sent() -> None:
    body, secret = '{"ad":"İğşı Öz"}'.encode(), new_key("v1")
    signed = headers([secret], "0193", at_present(), body)
    assert Webhook(secret).verify(body, signed)["ad"] == "İğşı Öz"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify('{"ad":"Iğşı Öz"}'.encode(), signed)


def test_third_key_verifies_nothing() -> None:
    signed = headers([new_key("v1"), new_key("v1a")], "0193", at_present(), b"{}")
    with pytest.raises(WebhookVerificationError):
        Webhook(new_key("v1")).verify(b"{}", signed)
    with pytest.raises(SvixRefused):
        Svix(new_key("v1")).verify(b"{}", signed)


def test_signature_is_over_the_raw_bytes_whatever_they_are() -> None:
    key, body = b"k" * 24, b"\xff\x00."
    digest = hmac.digest(key, b"0193.7." + body, hashlib.sha256)
    assert sign(f"whsec_{_24}", "0193", 7, body) == "v1," + base64.b64encode(digest).decode()
