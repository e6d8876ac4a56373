"""Sending through the guard over real sockets: names kept, proxies ignored, nothing read beyond its cap."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import guarded_connection
from gateway.guarded import Guard
from gateway.guarded_sender import MOST_BYTES, Sender, SendFailed
from tests.test_guarded import LOOPBACK, answering

NAME = "bayi.example"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Wire:
    """A server that shows each connection to `talk`, plain or TLS; `heard` is what came in."""

    def __init__(self, talk: Callable[[socket.socket, Wire], None], context: ssl.SSLContext | None = None) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._talk, self._context = talk, context
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection:
                self._talk(connection, self)
        except OSError:
            connection.close()

    def listen(self, connection: socket.socket) -> bool:
        """One whole request; False at the end of the connection."""
        request = b""
        while not request.endswith(b"merhaba"):
            part = connection.recv(65536)
            if not part:
                return False
            request += part
        self.heard.append(request)
        return True

    def close(self) -> None:
        self._server.shutdown(socket.SHUT_RDWR)  # wakes the acceptor, which else would take one more connection
        self._acceptor.join()
        self._server.close()


@contextmanager
def wire(talk: Callable[[socket.socket, Wire], None], context: ssl.SSLContext | None = None) -> Iterator[Wire]:
    server = Wire(talk, context)
    try:
        yield server
    finally:
        server.close()


def always(reply: bytes) -> Callable[[socket.socket, Wire], None]:
    def talk(connection: socket.socket, server: Wire) -> None:
        while server.listen(connection):
            connection.sendall(reply)

    return talk


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender(Guard(LOOPBACK, resolve=answering(["127.0.0.1"])))
    yield sender
    sender.close()


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for the name alone, trusted for the length of a test."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    begin = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin,
                                begin + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    trusting = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(guarded_connection, "trust", lambda: trusting)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(file)
    return serving


def test_pinned_connection_keeps_the_name_in_sni_certificate_and_host(sender: Sender, tls: ssl.SSLContext) -> None:
    names: list[str | None] = []
    tls.sni_callback = lambda _socket, name, _context: names.append(name)
    with wire(always(OK), tls) as server:
        answer = sender.post(f"https://{NAME}:{server.port}/ş?ı=1", b"merhaba", {})
    assert (answer.status, answer.body, names) == (200, b"ok", [NAME])
    assert f"Host: {NAME}:{server.port}\r\n".encode() in server.heard[0]
    assert server.heard[0].startswith(b"POST /%C5%9F?%C4%B1=1 HTTP/1.1\r\n")


def test_certificate_for_another_name_is_refused(sender: Sender, tls: ssl.SSLContext) -> None:
    with wire(always(OK), tls) as server, pytest.raises(SendFailed) as failed:
        sender.post(f"https://baska.example:{server.port}/", b"merhaba", {})
    assert (failed.value.code, server.heard) == ("tls_error", [])


def test_proxy_of_the_environment_is_ignored(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with wire(always(OK)) as server:
        assert sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}).status == 200


def test_connection_is_kept_and_a_closed_one_is_replaced(sender: Sender) -> None:
    def talk_twice(connection: socket.socket, server: Wire) -> None:
        for _ in range(2):
            server.listen(connection)
            connection.sendall(OK)

    with wire(talk_twice) as server:
        statuses = [sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}).status for _ in range(5)]
    assert (statuses, server.connections) == ([200] * 5, 3)


def test_connection_that_dies_under_a_message_is_replaced_once(sender: Sender) -> None:
    def answer_once(connection: socket.socket, server: Wire) -> None:
        server.listen(connection)
        connection.sendall(OK)
        server.listen(connection)  # hears the second message and hangs up on it

    with wire(answer_once) as server:
        url = f"http://{NAME}:{server.port}/"
        assert [sender.post(url, b"merhaba", {}).status for _ in range(2)] == [200, 200]
    assert len(server.heard) == 3


def test_answer_is_read_to_its_cap_and_no_further(sender: Sender) -> None:
    def never_end(connection: socket.socket, server: Wire) -> None:
        server.listen(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with wire(never_end) as server:
        answer = sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}, seconds=5)
    assert (answer.status, len(answer.body)) == (200, MOST_BYTES)


@pytest.mark.parametrize("part", ["status", "headers", "body", "continue"])
def test_drip_in_any_part_ends_at_the_total_deadline(sender: Sender, part: str) -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    body = head + b"Content-Length: 999\r\n\r\n"
    begun = {"status": b"HTTP/1.1 200 ", "headers": head + b"X-A: ", "body": body}.get(part, b"")

    def drip(connection: socket.socket, server: Wire) -> None:
        server.listen(connection)
        connection.sendall(begun)
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" if part == "continue" else b"H")
            time.sleep(0.02)

    started = time.monotonic()
    with wire(drip) as server, pytest.raises(SendFailed) as failed:
        sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}, seconds=0.3)
    assert failed.value.code == "timeout"
    assert time.monotonic() - started < 5, "it drips without end"


@pytest.mark.parametrize(
    ("talk", "code"),
    [
        (always(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "bad_response"),
        (always(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"), "bad_response"),
        (always(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"), "bad_response"),
        (lambda connection, server: server.listen(connection), "lost"),
    ],
)
def test_what_is_no_answer_is_named(sender: Sender, talk: Callable[[socket.socket, Wire], None], code: str) -> None:
    with wire(talk) as server, pytest.raises(SendFailed) as failed:
        sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}, seconds=20)
    assert failed.value.code == code


def test_closed_port_is_a_connect_error(sender: Sender) -> None:
    with wire(always(OK)) as server:
        pass
    with pytest.raises(SendFailed) as failed:
        sender.post(f"http://{NAME}:{server.port}/", b"merhaba", {}, seconds=20)
    assert failed.value.code == "connect_error"
