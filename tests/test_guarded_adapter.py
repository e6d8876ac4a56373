"""Partners' systems are called through the guard too."""

import time

import pytest
import requests

from connectors.errors import ConnectorError
from connectors.http import Http
from gateway.guarded import Guard
from gateway.guarded_adapter import GuardedAdapter
from tests.test_guarded import LOOPBACK, answering
from tests.test_guarded_sender import OK, Wire, wire


def answer_all(connection: object, server: Wire) -> None:
    connection.recv(65536)  # type: ignore[attr-defined]  # a socket
    connection.sendall(OK.replace(b"ok", b"42"))  # type: ignore[attr-defined]


def test_name_is_resolved_once_and_called_where_it_was_judged() -> None:
    http = Http(adapter=GuardedAdapter(Guard(LOOPBACK, resolve=answering(["127.0.0.1"], ["10.0.0.1"]))))
    with wire(answer_all) as server:
        assert http.site(f"http://bayi.example:{server.port}").request("GET", "/").json() == 42


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1"])
def test_inner_address_is_a_lasting_error_for_a_connector(address: str) -> None:
    http = Http(adapter=GuardedAdapter(Guard(resolve=answering([address]))))
    with pytest.raises(ConnectorError) as refused:
        http.site("https://bayi.example").request("GET", "/customers")
    assert refused.value.permanent


def test_name_that_does_not_resolve_is_a_passing_error() -> None:
    http = Http(adapter=GuardedAdapter(Guard(resolve=answering([]))))
    with pytest.raises(ConnectorError) as lost:
        http.site("https://yok.invalid").request("GET", "/")
    assert not lost.value.permanent


def test_slow_look_up_ends_at_the_connect_timeout() -> None:
    session = requests.Session()
    session.mount("https://", GuardedAdapter(Guard(resolve=lambda *_, **__: time.sleep(0.5))))  # type: ignore[arg-type]
    with pytest.raises(requests.ConnectTimeout):
        session.get("https://bayi.example/", timeout=0.1)
