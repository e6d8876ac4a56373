"""The keys of an endpoint: of either kind, its owner's own, replaced with an overlap, published where they may."""

import base64
from typing import Any

import pytest
from flask import Flask
from joserfc.jwk import OKPKey
from svix.webhooks import Webhook as Svix

from gateway.webhooks.endpoints import published
from gateway.webhooks.endpoints.signature import public_bytes
from tests.conftest import BASE_URL, Cast
from tests.webhooks.conftest import Deliver, Register, end_overlap
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_delivery import rename
from tests.webhooks.test_signature import is_by
from tests.webhooks.test_wishes import add, faults, path_of

OWN = "whsec_" + base64.b64encode(b"bayinin kendi gizli sozu").decode()


def published_at(app: Flask, url: str) -> list[dict[str, Any]]:
    """The key set, as anybody fetches it."""
    answer = app.test_client().get(url.removeprefix(BASE_URL))
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["keys"])


def kinds(header: str) -> list[str]:
    return [each.partition(",")[0] for each in header.split(" ")]


def test_message_carries_a_signature_of_each_kind_and_both_are_verified(
    cast: Cast, app: Flask, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    endpoint = add(cast.eskisehir, url=receiver.url, signatures=["v1", "v1a"]).get_json()
    rename(cast, given_name="İğşı")
    deliver()
    (message,) = receiver.messages
    signatures = message.headers["webhook-signature"].split(" ")
    assert message.opened_with(endpoint["secret"])["data"]["given_name"] == "İğşı"
    (key,) = published_at(app, endpoint["public_keys_url"])
    told = message.headers["webhook-id"], int(message.headers["webhook-timestamp"]), message.body
    assert [is_by(key["whpk"], each, *told) for each in signatures if each.startswith("v1a,")] == [True]


def test_published_key_is_a_jwk_named_by_its_thumbprint(cast: Cast, app: Flask) -> None:
    endpoint = add(cast.eskisehir, signatures=["v1a"]).get_json()
    (key,) = published_at(app, endpoint["public_keys_url"])
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("OKP", "Ed25519", "sig", "EdDSA")
    imported = OKPKey.import_key(key)
    assert imported.thumbprint() == key["kid"]
    assert imported.public_key.public_bytes_raw() == public_bytes(key["whpk"])
    assert "d" not in key


def test_endpoint_without_a_secret_has_none_to_show(cast: Cast) -> None:
    endpoint = add(cast.eskisehir, signatures=["v1a"]).get_json()
    assert (endpoint["secret"], endpoint["signatures"]) == (None, ["v1a"])


def test_key_set_may_be_kept_and_read_by_any_page_and_needs_no_token(cast: Cast, app: Flask) -> None:
    url = add(cast.eskisehir, signatures=["v1a"]).get_json()["public_keys_url"]
    answer = app.test_client().get(url.removeprefix(BASE_URL))
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_there_is_no_key_set_where_nothing_is_signed_by_one(cast: Cast, app: Flask) -> None:
    shared = add(cast.eskisehir)
    deleted = add(cast.eskisehir, signatures=["v1a"])
    cast.eskisehir.delete(path_of(deleted))
    unknown = "0199f3c2-0000-7000-8000-000000000001"
    ids = [shared.get_json()["id"], deleted.get_json()["id"], unknown, "x"]
    answers = [app.test_client().get(f"/.well-known/webhooks/{each}/keys.json") for each in ids]
    assert [each.status_code for each in answers] == [404] * 4
    assert len({answer.get_json()["title"] for answer in answers}) == 1


def test_no_two_endpoints_share_a_key(cast: Cast, app: Flask) -> None:
    urls = [add(cast.eskisehir, signatures=["v1a"]).get_json()["public_keys_url"] for _ in range(2)]
    assert len({published_at(app, url)[0]["x"] for url in urls}) == 2


def test_fetching_keys_too_often_is_limited_by_address(cast: Cast, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_MOST_REQUESTS", 3)
    url = add(cast.eskisehir, signatures=["v1a"]).get_json()["public_keys_url"].removeprefix(BASE_URL)
    place = {"REMOTE_ADDR": "198.51.100.77"}
    statuses = [app.test_client().get(url, environ_base=place).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_owners_own_secret_signs_and_is_shown_once(cast: Cast, receiver: Receiver, deliver: Deliver) -> None:
    deliver()
    added = add(cast.eskisehir, url=receiver.url, secret=OWN)
    rename(cast)
    deliver()
    assert receiver.messages[0].opened_with(OWN)
    assert OWN not in cast.eskisehir.get(path_of(added)).text


@pytest.mark.parametrize(
    "secret",
    [
        OWN.replace("whsec_", "whsk_"), OWN.replace("whsec_", "whpk_"), OWN.removeprefix("whsec_"), "whsec_a2lzYQ==",
        "whsec_" + base64.b64encode(b"u" * 65).decode(), "whsec_!" + OWN[7:], "",
    ],
)  # fmt: skip
def test_what_is_no_secret_is_refused_as_one(cast: Cast, secret: str) -> None:
    assert faults(add(cast.eskisehir, secret=secret)) == [("/secret", "invalid")]
    path = path_of(add(cast.eskisehir))
    assert faults(cast.eskisehir.post(f"{path}/rotate", {"secret": secret})) == [("/secret", "invalid")]


def test_secret_is_refused_where_nothing_would_be_signed_with_it(cast: Cast) -> None:
    assert faults(add(cast.eskisehir, secret=OWN, signatures=["v1a"])) == [("/secret", "invalid")]
    path = path_of(add(cast.eskisehir))
    refused = cast.eskisehir.post(f"{path}/rotate", {"secret": OWN, "kind": "v1a"})
    assert faults(refused) == [("/secret", "invalid")]


def test_both_secrets_verify_during_an_overlap_and_the_new_one_alone_after_it(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    endpoint = register(cast.eskisehir)
    rotated = cast.eskisehir.post(f"/webhooks/endpoints/{endpoint['id']}/rotate", {"overlap_hours": 168}).get_json()
    rename(cast, given_name="Cem İğşı")
    deliver()
    for secret in (endpoint["secret"], rotated["secret"]):
        assert receiver.messages[0].opened_with(secret)["data"]["given_name"] == "Cem İğşı"
        Svix(secret).verify(receiver.messages[0].body, receiver.messages[0].headers)
    end_overlap()
    rename(cast, given_name="Şule")
    deliver()
    assert kinds(receiver.messages[1].headers["webhook-signature"]) == ["v1"]
    assert receiver.messages[1].opened_with(rotated["secret"])


def test_rotation_without_overlap_ends_the_old_key_at_once(
    cast: Cast, app: Flask, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    added = add(cast.eskisehir, url=receiver.url, signatures=["v1a"])
    (old,) = published_at(app, added.get_json()["public_keys_url"])
    rotated = cast.eskisehir.post(f"{path_of(added)}/rotate", {"overlap_hours": 0}).get_json()
    (new,) = published_at(app, rotated["public_keys_url"])
    rename(cast)
    deliver()
    assert (old["kid"] != new["kid"], rotated["old_secret_until"]) == (True, None)
    assert kinds(receiver.messages[0].headers["webhook-signature"]) == ["v1a"]


def test_both_public_keys_are_published_during_an_overlap(cast: Cast, app: Flask) -> None:
    added = add(cast.eskisehir, signatures=["v1a"])
    rotated = cast.eskisehir.post(f"{path_of(added)}/rotate").get_json()
    assert rotated["secret"] is None
    assert len(published_at(app, rotated["public_keys_url"])) == 2
    end_overlap()
    assert len(published_at(app, rotated["public_keys_url"])) == 1


def test_rotation_to_the_other_kind_adds_it_and_a_change_takes_the_first_away(
    cast: Cast, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    path = path_of(add(cast.eskisehir, url=receiver.url))
    rotated = cast.eskisehir.post(f"{path}/rotate", {"kind": "v1a"}).get_json()
    assert (rotated["signatures"], rotated["secret"]) == (["v1", "v1a"], None)
    changed = cast.eskisehir.patch(path, {"signatures": ["v1a"]}, rotated["version"]).get_json()
    assert (changed["signatures"], changed["old_secret_until"] is not None) == (["v1a"], True)
    rename(cast)
    deliver()
    assert sorted(kinds(receiver.messages[0].headers["webhook-signature"])) == ["v1", "v1a"]
    assert faults(cast.eskisehir.patch(path, {"signatures": ["v1"]}, changed["version"])) == [
        ("/signatures", "invalid")
    ]


def test_eleventh_key_is_refused_until_one_has_ended(cast: Cast) -> None:
    path = path_of(add(cast.eskisehir))
    statuses = [cast.eskisehir.post(f"{path}/rotate").status_code for _ in range(10)]
    assert statuses == [200] * 9 + [409]
    assert cast.eskisehir.post(f"{path}/rotate").get_json()["code"] == "too_many_keys"
    end_overlap()
    assert cast.eskisehir.post(f"{path}/rotate").status_code == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"overlap_hours": 169}, "/overlap_hours"),
        ({"overlap_hours": -1}, "/overlap_hours"),
        ({"overlap_hours": 0.5}, "/overlap_hours"),
        ({"kind": "v2"}, "/kind"),
        ({"key": "x"}, "/key"),
    ],
)
def test_rotation_that_makes_no_sense_is_refused(cast: Cast, body: dict[str, Any], pointer: str) -> None:
    refused = cast.eskisehir.post(f"{path_of(add(cast.eskisehir))}/rotate", body)
    assert [each for each, _ in faults(refused)] == [pointer]
