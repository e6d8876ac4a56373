"""Getting in at an endpoint: headers of its own, tokens of the client-credentials grant, what may go wrong."""

from __future__ import annotations

import base64
import json
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest

from gateway import vault
from gateway.guarded import Deadline, Guard
from gateway.guarded_sender import Sender, SendFailed
from gateway.webhooks.endpoints import access, headers
from gateway.webhooks.endpoints.access import Access
from tests.webhooks.conftest import LOOPBACK
from tests.webhooks.receiver import Answering, Receiver, answer

CLIENT = {"client_id": "köprü", "client_secret": "çok gizli/söz"}


@pytest.fixture(autouse=True)
def vault_key() -> Iterator[None]:
    before = vault._keys
    vault.load_keys((("deneme", b"d" * 32),))
    yield
    vault.load_keys(before)


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender(Guard(LOOPBACK))
    yield sender
    sender.close()


def token(value: str = "jeton-1", after: float = 0.0, **more: Any) -> Answering:
    told = {"access_token": value, "token_type": "Bearer", **more}
    return answer(200, body=json.dumps(told).encode(), after=after)


def by_path(receiver: Receiver, asked: Answering, told: Answering) -> None:
    """`asked` answers at the token endpoint, `told` at the endpoint itself."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        (asked if handler.path == "/token" else told)(handler)

    receiver.answering = write


def with_token(receiver: Receiver, **settings: str) -> Access:
    endpoint_id, url = uuid4(), receiver.url.replace("/kopru", "/token")
    whole = {"type": "oauth2", "token_url": url, **CLIENT, **settings}
    return access.of(endpoint_id, None, access.seal(endpoint_id, whole))


def with_headers(own: dict[str, str]) -> Access:
    endpoint_id = uuid4()
    return access.of(endpoint_id, headers.seal(endpoint_id, own), None)


def post(way: Access, sender: Sender, receiver: Receiver, seconds: float = 2.0) -> int:
    return way.post(sender, receiver.url, b"{}", {"webhook-id": "1"}, Deadline(seconds)).status


def paths(receiver: Receiver) -> list[str]:
    return [message.path for message in receiver.messages]


def test_endpoint_with_nothing_of_its_own_is_sent_to_as_it_is(sender: Sender, receiver: Receiver) -> None:
    assert post(access.of(uuid4(), None, None), sender, receiver) == 204
    assert "authorization" not in receiver.messages[0].headers


def test_own_headers_go_with_every_message_beside_ours(sender: Sender, receiver: Receiver) -> None:
    way = with_headers({"X-Bayi": "eskisehir", "Authorization": "Basic eA=="})
    assert [post(way, sender, receiver) for _ in range(2)] == [204, 204]
    sent = [
        (each.headers["x-bayi"], each.headers["authorization"], each.headers["webhook-id"])
        for each in receiver.messages
    ]
    assert sent == [("eskisehir", "Basic eA==", "1")] * 2


def test_token_is_asked_for_as_the_grant_says(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, token(), answer(204))
    post(with_token(receiver, scope="olaylar:yaz", audience="https://bayi.example"), sender, receiver)
    asked, told = receiver.messages
    form = {name: value for name, (value,) in parse_qs(asked.body.decode()).items()}
    assert form == {"grant_type": "client_credentials", "scope": "olaylar:yaz", "audience": "https://bayi.example"}
    client = base64.b64decode(asked.headers["authorization"].removeprefix("Basic "))
    assert client == b"k%C3%B6pr%C3%BC:%C3%A7ok+gizli%2Fs%C3%B6z"
    assert told.headers["authorization"] == "Bearer jeton-1"


def test_one_token_serves_every_message_until_it_ends(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, token(expires_in=3600), answer(204))
    way = with_token(receiver)
    assert [post(way, sender, receiver) for _ in range(3)] == [204] * 3
    assert paths(receiver) == ["/token", *["/kopru"] * 3]


@pytest.mark.parametrize("life", [0, -5, "nan", "-inf"])
def test_token_that_has_ended_is_not_used_again(sender: Sender, receiver: Receiver, life: Any) -> None:
    by_path(receiver, token(expires_in=life), answer(204))
    way = with_token(receiver)
    assert [post(way, sender, receiver) for _ in range(2)] == [204, 204]
    assert paths(receiver) == ["/token", "/kopru"] * 2


def test_many_threads_ask_for_a_token_once(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, token(after=0.1), answer(204))
    endpoint_id = uuid4()
    whole = {"type": "oauth2", "token_url": receiver.url.replace("/kopru", "/token"), **CLIENT}
    sealed = access.seal(endpoint_id, whole)
    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(lambda: post(access.of(endpoint_id, None, sealed), sender, receiver)) for _ in range(16)]
    assert [each.result() for each in work] == [204] * 16
    assert paths(receiver).count("/token") == 1


def test_refused_token_is_renewed_once_and_the_message_sent_again(sender: Sender, receiver: Receiver) -> None:
    tokens = iter(("eski", "yeni"))
    by_path(
        receiver,
        lambda handler: token(next(tokens), expires_in=3600)(handler),
        lambda handler: answer(204 if handler.headers["Authorization"] == "Bearer yeni" else 401)(handler),
    )
    way = with_token(receiver)
    assert [post(way, sender, receiver) for _ in range(2)] == [204, 204]
    assert paths(receiver) == ["/token", "/kopru", "/token", "/kopru", "/kopru"]


def test_endpoint_that_refuses_every_token_is_asked_twice_and_no_more(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, token(), answer(401))
    assert post(with_token(receiver), sender, receiver) == 401
    assert paths(receiver) == ["/token", "/kopru"] * 2


@pytest.mark.parametrize(
    "asked",
    [
        answer(400, body=b'{"error":"invalid_client"}'),
        answer(401),
        answer(500),
        answer(307, {"Location": "/kopru"}),
        answer(201, body=b'{"access_token":"jeton"}'),
        answer(200),
        answer(200, body=b"<html>"),
        answer(200, body=b"[]"),
        answer(200, body=b'{"access_token":""}'),
        answer(200, body=b'{"access_token":7}'),
        answer(200, body=b'{"access_token":"a\\r\\nX-B: c"}'),
        answer(200, body=b'{"access_token":"a b"}'),
        answer(200, body='{"access_token":"ş"}'.encode()),
        answer(200, body=json.dumps({"access_token": "a" * 8001}).encode()),
        answer(200, body=b'{"access_token":"jeton","token_type":"mac"}'),
        answer(200, body=b'{"x":"' + b" " * 20_000 + b'","access_token":"jeton"}'),
        lambda handler: handler.connection.close(),
    ],
)
def test_without_a_token_nothing_is_sent_and_the_reason_names_no_secret(
    sender: Sender, receiver: Receiver, asked: Answering
) -> None:
    by_path(receiver, asked, answer(204))
    with pytest.raises(SendFailed) as failed:
        post(with_token(receiver), sender, receiver)
    assert (failed.value.code, set(paths(receiver))) == ("auth_failed", {"/token"})
    told = "".join(traceback.format_exception(failed.value))
    assert not any(secret in told for secret in (*CLIENT.values(), "jeton"))


def test_token_endpoint_inside_is_never_called(receiver: Receiver) -> None:
    strict = Sender(Guard())
    with pytest.raises(SendFailed) as failed:
        post(with_token(receiver), strict, receiver)
    assert (failed.value.code, receiver.messages) == ("auth_failed", [])


def test_token_endpoint_that_fails_is_left_alone_for_a_moment(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, answer(503), answer(204))
    way = with_token(receiver)
    for _ in range(5):
        with pytest.raises(SendFailed):
            post(way, sender, receiver)
    assert paths(receiver) == ["/token"]
    by_path(receiver, token(), answer(204))
    time.sleep(2.05)
    assert post(way, sender, receiver) == 204


def test_slow_token_endpoint_costs_no_more_than_the_deadline_of_the_message(sender: Sender, receiver: Receiver) -> None:
    by_path(receiver, token(after=20.0), answer(204))
    way, started = with_token(receiver), time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        codes = [each.result() for each in [threads.submit(failing, way, sender, receiver) for _ in range(16)]]
    assert set(codes) <= {"auth_failed", "timeout"}
    assert time.monotonic() - started < 4, "neither the endpoint's 20 s, nor one after the other"


def failing(way: Access, sender: Sender, receiver: Receiver) -> str:
    with pytest.raises(SendFailed) as failed:
        post(way, sender, receiver, seconds=0.3)
    return failed.value.code


def test_receiver_that_echoes_our_secrets_shows_them_to_nobody(sender: Sender, receiver: Receiver) -> None:
    def echo(handler: BaseHTTPRequestHandler) -> None:
        said = handler.headers["Authorization"]
        answer(500, {"X-Echo": said, "Retry-After": "7"}, said.encode() + b" jeton")(handler)

    by_path(receiver, token("jeton-pek-gizli"), echo)
    answered = with_token(receiver).post(sender, receiver.url, b"{}", {}, Deadline(2.0))
    assert (answered.body, answered.headers["x-echo"]) == (b"Bearer *** jeton", "Bearer ***")
    assert answered.headers["retry-after"] == "7"
    own = with_headers({"Authorization": "Basic Z2l6bGk="}).post(sender, receiver.url, b"{}", {}, Deadline(2.0))
    assert own.body == b"*** jeton"


def test_way_in_of_one_endpoint_opens_for_no_other() -> None:
    one, other = uuid4(), UUID(int=7)
    with pytest.raises(vault.SealBroken):
        access.of(other, None, access.seal(one, {"type": "oauth2"}))
