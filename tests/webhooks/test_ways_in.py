"""A whole delivery to an endpoint that lets in only whom it knows: what it hears, and what the attempts tell."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import guarded_connection
from gateway.guarded_connection import trust_showing
from tests.conftest import Cast
from tests.connectors.servers.certificates import Authority
from tests.webhooks.conftest import Deliver, attempts_of
from tests.webhooks.receiver import Receiver, answer
from tests.webhooks.test_delivery import rename
from tests.webhooks.test_wishes import OAUTH, add


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that is trusted for the length of a test."""
    authority = Authority(tmp_path)
    monkeypatch.setattr(guarded_connection, "new_trust", lambda: ssl.create_default_context(cadata=authority.pem))
    trust_showing.cache_clear()
    return authority


@pytest.fixture
def strict(authority: Authority) -> Iterator[Receiver]:
    """A receiver that talks TLS, to those alone whom the authority has certified."""
    receiver = Receiver()
    server = receiver._server
    server.socket = authority.server(asks_for_certificates=True).wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=receiver.serve, daemon=True)
    thread.start()
    receiver.url = f"https://localhost:{receiver.port}/kopru"
    yield receiver
    receiver.stop()
    thread.join()


def test_message_goes_out_with_a_token_and_headers_of_the_endpoints_own(
    cast: Cast, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    auth = {**OAUTH, "token_url": receiver.url}
    endpoint = add(cast.eskisehir, url=receiver.url, auth=auth, headers={"X-Sube": "merkez-gizli"}).get_json()
    receiver.answering = answer(200, body=b'{"access_token": "jeton-gizli"}')
    rename(cast)
    deliver()
    asked, told = receiver.messages
    assert (told.headers["authorization"], told.headers["x-sube"]) == ("Bearer jeton-gizli", "merkez-gizli")
    assert "authorization" in asked.headers
    assert told.opened_with(endpoint["secret"])
    (attempt,) = attempts_of(cast.eskisehir, endpoint)
    assert attempt["status"] == "delivered"
    assert "gizli" not in json.dumps(attempt)


def test_token_that_cannot_be_had_is_told_as_such_and_tried_again(
    cast: Cast, receiver: Receiver, deliver: Deliver
) -> None:
    deliver()
    endpoint = add(cast.eskisehir, url=receiver.url, auth={**OAUTH, "token_url": receiver.url}).get_json()
    receiver.answering = answer(500, body=b"client_secret=gizli")
    rename(cast)
    deliver()
    (attempt,) = attempts_of(cast.eskisehir, endpoint)
    assert (attempt["status"], attempt["error"], attempt["http_status"]) == ("failed", "auth_failed", None)
    assert "gizli" not in json.dumps(attempt)


def test_certificate_is_shown_to_whom_it_was_given_for(
    cast: Cast, strict: Receiver, authority: Authority, deliver: Deliver
) -> None:
    deliver()
    certificate, key = authority.issue("eskisehir")
    auth: dict[str, Any] = {"type": "mtls", "certificate": certificate, "key": key}
    known = add(cast.eskisehir, url=strict.url, auth=auth).get_json()
    unknown = add(cast.eskisehir, url=strict.url).get_json()
    rename(cast)
    deliver()
    assert [attempt["status"] for attempt in attempts_of(cast.eskisehir, known)] == ["delivered"]
    assert [attempt["status"] for attempt in attempts_of(cast.eskisehir, unknown)] == ["failed"]
    assert len(strict.messages) == 1
