"""A wish that cannot be met is refused at once, with a pointer to where it stands."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cast
from tests.connectors.servers.certificates import Authority
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_wishes import OAUTH, add, faults, path_of


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("payload", "fat", "/payload"),
        ("filters", [{"field": "city"}], "/filters/0"),
        ("filters", ["city"], "/filters/0"),
        ("filters", {"city": "Bursa"}, "/filters"),
        ("rate_per_minute", 0, "/rate_per_minute"),
        ("rate_per_minute", 60_001, "/rate_per_minute"),
        ("rate_per_minute", 1.5, "/rate_per_minute"),
        ("ordered", "belki", "/ordered"),
        ("ordered", None, "/ordered"),
        ("retry_delays", [], "/retry_delays"),
        ("retry_delays", [1] * 21, "/retry_delays"),
        ("retry_delays", [5, 0], "/retry_delays/1"),
        ("retry_delays", [604_801], "/retry_delays/0"),
        ("hold_hours", -1, "/hold_hours"),
        ("hold_hours", 337, "/hold_hours"),
        ("signatures", [], "/signatures"),
        ("signatures", ["v1", "v1"], "/signatures"),
        ("signatures", ["v2"], "/signatures/0"),
        ("headers", ["X-A"], "/headers"),
        ("auth", {}, "/auth/type"),
        ("auth", {"type": "basic"}, "/auth/type"),
        ("auth", {"type": "mtls", "certificate": "x"}, "/auth/key"),
        ("auth", {"type": "mtls", "certificate": "x", "key": "y"}, "/auth/certificate"),
        ("auth", {**OAUTH, "key": "y"}, "/auth/key"),
        ("auth", {**OAUTH, "token_url": "https://10.0.0.1/"}, "/auth/token_url"),
        ("auth", {**OAUTH, "token_url": "https://yok.invalid/"}, "/auth/token_url"),
    ],
)
def test_wish_that_cannot_be_met_is_refused_where_it_stands(
    standing_cast: Cast, field: str, value: Any, pointer: str
) -> None:
    assert [found for found, _ in faults(add(standing_cast.eskisehir, **{field: value}))] == [pointer]


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "host",
        "Content-Type",
        "Content-Length",
        "content-encoding",
        "Connection",
        "Transfer-Encoding",
        "TE",
        "Upgrade",
        "Expect",
        "Proxy-Authorization",
        "webhook-id",
        "Webhook-Signature",
        "svix-id",
        "traceparent",
        "tracestate",
        "User-Agent",
        "Accept-Encoding",
    ],
)
def test_header_that_is_ours_to_set_is_refused(standing_cast: Cast, name: str) -> None:
    assert faults(add(standing_cast.eskisehir, headers={name: "x"})) == [(f"/headers/{name}", "header_refused")]


@pytest.mark.parametrize(
    ("name", "value", "pointer"),
    [
        ("X-A", "a\r\nX-B: c", "/headers/X-A"),
        ("X-A", "a\nb", "/headers/X-A"),
        ("X-A", "şifre", "/headers/X-A"),
        ("X-A", " a", "/headers/X-A"),
        ("X-A", "", "/headers/X-A"),
        ("X-A", "a" * 2001, "/headers/X-A"),
        ("X-A", 7, "/headers/X-A"),
        ("X-A\r\nX-B", "c", "/headers/X-A\r\nX-B"),
        ("X A", "c", "/headers/X A"),
        ("X/A~", "c", "/headers/X~1A~0"),
        ("Şube", "c", "/headers/Şube"),
        ("X" * 65, "c", "/headers/" + "X" * 65),
    ],
)
def test_header_that_cannot_be_sent_is_refused(standing_cast: Cast, name: str, value: Any, pointer: str) -> None:
    assert faults(add(standing_cast.eskisehir, headers={name: value})) == [(pointer, "invalid")]


def test_header_cannot_stand_twice_in_two_spellings(standing_cast: Cast) -> None:
    assert faults(add(standing_cast.eskisehir, headers={"X-A": "1", "x-a": "2"})) == [("/headers/x-a", "invalid")]


def test_twenty_headers_are_enough(standing_cast: Cast) -> None:
    many = {f"X-{number}": "1" for number in range(20)}
    added = add(standing_cast.eskisehir, headers=many)
    assert len(added.get_json()["headers"]) == 20
    assert faults(standing_cast.eskisehir.patch(path_of(added), {"headers": {"X-20": "1"}}, 1)) == [
        ("/headers", "invalid")
    ]


def test_certificate_must_fit_its_key_be_valid_and_have_somewhere_to_be_shown(
    standing_cast: Cast, authority: Authority, receiver: Receiver
) -> None:
    (certificate, key), (_, another) = authority.issue("eskisehir"), authority.issue("ankara")
    expired, its_key = authority.issue("eskisehir", is_over=True)

    def refused(certificate: str, key: str, **more: Any) -> list[tuple[str, str]]:
        auth = {"type": "mtls", "certificate": certificate, "key": key}
        return faults(add(standing_cast.eskisehir, auth=auth, **more))

    assert refused(certificate, another) == [("/auth/key", "invalid")]
    assert refused(certificate, "-----BEGIN PRIVATE KEY-----") == [("/auth/key", "invalid")]
    assert refused(expired, its_key) == [("/auth/certificate", "expired")]
    assert refused(certificate, key, url=receiver.url) == [("/auth", "invalid")]
