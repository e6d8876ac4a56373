"""Standard Webhooks 1.0.0: the public vector, and an independent verifier."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from gateway.webhooks.endpoints.signature import headers, new_secret, sign

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_public_vector_is_met_to_the_byte() -> None:
    signature = sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="


def test_new_secret_holds_32_random_bytes_behind_its_prefix() -> None:
    secret = new_secret()
    assert secret.startswith("whsec_")
    assert len(secret) == len("whsec_") + 44
    assert secret != new_secret()


def test_both_secrets_of_an_overlap_verify_and_a_third_does_not() -> None:
    old, new = new_secret(), new_secret()
    body = '{"ad":"İğşı"}'.encode()
    signed = headers([new, old], "0193", int(datetime.now(UTC).timestamp()), body)
    assert [Webhook(each).verify(body, signed)["ad"] for each in (old, new)] == ["İğşı"] * 2
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(body, signed)
