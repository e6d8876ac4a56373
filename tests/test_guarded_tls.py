"""Showing a certificate through the guard: the name stays, and no two owners share a connection or a session."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from connectors.http import Http
from connectors.wire import tls
from gateway import guarded_connection
from gateway.guarded import Guard
from gateway.guarded_adapter import GuardedAdapter
from gateway.guarded_connection import ClientCertificate, trust_showing
from gateway.guarded_sender import Sender, SendFailed
from tests.connectors.servers.certificates import Authority
from tests.test_guarded import LOOPBACK, answering
from tests.test_guarded_sender import NAME, OK, Wire, always, wire


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that is trusted for the length of a test."""
    authority = Authority(tmp_path)
    monkeypatch.setattr(guarded_connection, "new_trust", lambda: ssl.create_default_context(cadata=authority.pem))
    monkeypatch.setattr(guarded_connection, "trust", guarded_connection.new_trust)
    trust_showing.cache_clear()
    return authority


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender(Guard(LOOPBACK, resolve=answering(["127.0.0.1"])))
    yield sender
    sender.close()


def shown_by(authority: Authority, owner: str) -> ClientCertificate:
    return ClientCertificate(owner, *authority.issue(owner))


class Names:
    """A server that notes who showed it which certificate, one entry for every request."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.resumed: list[bool | None] = []

    def __call__(self, connection: socket.socket, server: Wire) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        while server.listen(connection):
            shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
            self.names.append(str(shown.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value))
            self.resumed.append(connection.session_reused)
            connection.sendall(OK)


def test_server_that_asks_is_shown_the_certificate_and_the_name_stays(sender: Sender, authority: Authority) -> None:
    talk = Names()
    with wire(talk, authority.server(True, NAME)) as server:
        answer = sender.post(
            f"https://{NAME}:{server.port}/", b"merhaba", {}, certificate=shown_by(authority, "eskisehir")
        )
    assert (answer.status, answer.address, talk.names) == (200, "127.0.0.1", ["eskisehir"])
    assert f"Host: {NAME}:{server.port}\r\n".encode() in server.heard[0]


def test_no_owner_is_taken_for_another_on_one_server(sender: Sender, authority: Authority) -> None:
    talk, both = Names(), [shown_by(authority, name) for name in ("eskisehir", "ankara")]
    with wire(talk, authority.server(True, NAME)) as server:
        for certificate in both * 3:
            sender.post(f"https://{NAME}:{server.port}/", b"merhaba", {}, certificate=certificate)
    assert (talk.names, server.connections) == (["eskisehir", "ankara"] * 3, 2)
    assert talk.resumed == [False] * 6


def test_same_certificate_of_two_owners_is_two_connections(sender: Sender, authority: Authority) -> None:
    talk, pair = Names(), authority.issue("bursa")
    with wire(talk, authority.server(True, NAME)) as server:
        for owner in ("1", "2", "1"):
            sender.post(f"https://{NAME}:{server.port}/", b"merhaba", {}, certificate=ClientCertificate(owner, *pair))
    assert server.connections == 2


def test_without_the_certificate_that_is_asked_for_nothing_is_sent(sender: Sender, authority: Authority) -> None:
    with wire(always(OK), authority.server(True, NAME)) as server:
        with pytest.raises(SendFailed) as failed:
            sender.post(f"https://{NAME}:{server.port}/", b"merhaba", {})
        assert server.heard == []
    assert failed.value.code in ("tls_error", "lost")


def test_certificate_and_key_never_show_in_a_repr(authority: Authority) -> None:
    certificate, key = authority.issue("bursa")
    shown = repr(ClientCertificate("bursa", certificate, key))
    assert key[:60] not in shown
    assert "PRIVATE" not in shown


def test_partners_system_is_called_by_its_name_at_the_judged_address(authority: Authority) -> None:
    names: list[str | None] = []
    context = authority.server(name=NAME)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    http = Http(adapter=GuardedAdapter(Guard(LOOPBACK, resolve=answering(["127.0.0.1"], ["10.0.0.1"]))))
    with wire(always(OK), context) as server:
        site = http.site(f"https://{NAME}:{server.port}", tls=tls.context(authority.pem, None, None))
        assert site.request("POST", "/", content=b"merhaba").status == 200
    assert (names, f"Host: {NAME}:{server.port}\r\n".encode() in server.heard[0]) == ([NAME], True)
