"""Names that move: our own name server answers a public address first and an inner one second, and the like.

"Public" is 127.0.0.1 where a test listens: the guard is told to allow that one address, and 127.0.0.2 stays inside.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from connectors.errors import ConnectorError
from connectors.http import Http
from gateway import guarded_connection
from gateway.guarded import AddressRefused, Deadline, Guard, Target
from gateway.guarded_adapter import GuardedAdapter
from gateway.guarded_sender import Sender
from tests.connectors.servers.certificates import Authority
from tests.dns_server import Answers, NameServer, naming
from tests.test_guarded_sender import OK, always, wire

NAME = "bayi.example"
PUBLIC, INNER = "127.0.0.1", "127.0.0.2"
HERE_ALONE = (ipaddress.ip_network(f"{PUBLIC}/32"),)
Name = Callable[[Answers], NameServer]


@pytest.fixture
def inner() -> Iterator[socket.socket]:
    """Something inside that must never be called, on a port of both addresses."""
    with socket.create_server((INNER, 0)) as server:
        server.settimeout(0)
        yield server


def is_untouched(server: socket.socket) -> bool:
    """Whether nobody has connected."""
    try:
        server.accept()
    except BlockingIOError:
        return True
    return False


def url_at(server: socket.socket) -> str:
    return f"http://{NAME}:{server.getsockname()[1]}/"


def test_name_that_moves_inside_is_refused_at_the_call(inner: socket.socket) -> None:
    with naming({NAME: [[PUBLIC], [INNER]]}) as server:
        guard = Guard(HERE_ALONE, resolve=server.resolve)
        target = guard.check(url_at(inner))
        with pytest.raises(AddressRefused):
            guard.dial(target, Deadline(2))
    assert is_untouched(inner)


def test_call_resolves_once_and_goes_to_the_address_it_judged() -> None:
    with naming({NAME: [[PUBLIC], [INNER]]}) as server, wire(always(OK)) as public:
        sender = Sender(Guard(HERE_ALONE, resolve=server.resolve))
        assert sender.post(f"http://{NAME}:{public.port}/", b"merhaba", {}).address == PUBLIC
        assert [kind for _, kind in server.asked] == ["A", "AAAA"]
        sender.close()


def test_every_new_connection_is_judged_anew(inner: socket.socket) -> None:
    with naming({NAME: [[PUBLIC], [INNER]]}) as server, wire(always(OK)) as public:
        sender = Sender(Guard(HERE_ALONE, resolve=server.resolve))
        url = f"http://{NAME}:{public.port}/"
        assert sender.post(url, b"merhaba", {}).status == 200
        assert sender.post(url, b"merhaba", {}).status == 200, "kept alive, so nothing is resolved"
        sender.close()
        with pytest.raises(AddressRefused):
            sender.post(url, b"merhaba", {})
        with pytest.raises(AddressRefused):
            sender.post(url_at(inner), b"merhaba", {})
    assert is_untouched(inner)


@pytest.mark.parametrize(
    "answer",
    [
        [PUBLIC, INNER], [INNER, PUBLIC], [PUBLIC, "10.0.0.1"], [PUBLIC, "::1"], [PUBLIC, f"::ffff:{INNER}"],
        ["::ffff:127.0.0.2"], ["::ffff:a9fe:a9fe"], ["64:ff9b::7f00:2"], ["2002:7f00:2::1"], ["fd00:ec2::254"],
        ["8.8.8.8", "169.254.169.254"], ["::ffff:0:7f00:2"],
    ],
)  # fmt: skip
def test_one_inner_address_in_an_answer_refuses_it_whole(answer: list[str], inner: socket.socket) -> None:
    with naming({NAME: [answer]}) as server:
        sender = Sender(Guard(HERE_ALONE, resolve=server.resolve))
        with pytest.raises(AddressRefused):
            sender.post(url_at(inner), b"merhaba", {})
    assert is_untouched(inner)


def test_alias_of_an_inner_name_is_refused(inner: socket.socket) -> None:
    zone = {NAME: [["takma.example"]], "takma.example": [["ic.bayi.example"]], "ic.bayi.example": [[INNER]]}
    with naming(zone) as server:
        sender = Sender(Guard(HERE_ALONE, resolve=server.resolve))
        with pytest.raises(AddressRefused):
            sender.post(url_at(inner), b"merhaba", {})
        assert (f"{NAME}.", "A") in server.asked
    assert is_untouched(inner)


def test_alias_that_moves_inside_between_two_calls_is_refused(inner: socket.socket) -> None:
    zone = {NAME: [["genel.example"], ["ic.example"]], "genel.example": [[PUBLIC]], "ic.example": [[INNER]]}
    with naming(zone) as server:
        guard = Guard(HERE_ALONE, resolve=server.resolve)
        target = guard.check(url_at(inner))
        with pytest.raises(AddressRefused):
            guard.dial(target, Deadline(2))
    assert is_untouched(inner)


def test_partners_system_whose_name_moves_is_called_where_it_was_judged_or_not_at_all(inner: socket.socket) -> None:
    with naming({NAME: [[PUBLIC], [INNER]]}) as server, wire(always(OK.replace(b"ok", b"42"))) as public:
        http = Http(adapter=GuardedAdapter(Guard(HERE_ALONE, resolve=server.resolve)))
        site = http.site(f"http://{NAME}:{public.port}")
        assert site.request("POST", "/", content=b"merhaba").json() == 42
        http.close()
        with pytest.raises(ConnectorError) as refused:
            site.request("POST", "/", content=b"merhaba")
    assert refused.value.permanent
    assert is_untouched(inner)


def test_sftp_server_whose_name_moves_is_refused(inner: socket.socket) -> None:
    target = Target("sftp", NAME, inner.getsockname()[1], "/")
    with naming({NAME: [[PUBLIC], [INNER]]}) as server:
        guard = Guard(HERE_ALONE, resolve=server.resolve)
        with pytest.raises(OSError, match="refused"):
            guard.dial(target, Deadline(2))  # nothing listens at the public address
        with pytest.raises(AddressRefused):
            guard.dial(target, Deadline(2))
    assert is_untouched(inner)


def test_pinned_address_is_greeted_by_its_name_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, names = Authority(tmp_path), list[str | None]()
    monkeypatch.setattr(guarded_connection, "trust", lambda: ssl.create_default_context(cadata=authority.pem))
    context = authority.server(name=NAME)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with naming({NAME: [[PUBLIC], [INNER]]}) as server, wire(always(OK), context) as public:
        sender = Sender(Guard(HERE_ALONE, resolve=server.resolve))
        answer = sender.post(f"https://{NAME}:{public.port}/", b"merhaba", {})
        sender.close()
    assert (answer.status, answer.address, names) == (200, PUBLIC, [NAME])
    assert f"Host: {NAME}:{public.port}\r\n".encode() in public.heard[0]


def test_redirect_inside_is_an_answer_and_nothing_more(inner: socket.socket) -> None:
    moved = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {url_at(inner)}\r\nContent-Length: 0\r\n\r\n".encode()
    with naming({NAME: [[PUBLIC]]}) as server, wire(always(moved)) as public:
        sender = Sender(Guard((*HERE_ALONE, ipaddress.ip_network(f"{INNER}/32")), resolve=server.resolve))
        assert sender.post(f"http://{NAME}:{public.port}/", b"merhaba", {}).status == 307
        sender.close()
    assert is_untouched(inner)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_no_proxy_of_the_environment_is_called(
    inner: socket.socket, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://{INNER}:{inner.getsockname()[1]}")
    with naming({NAME: [[PUBLIC]]}) as server, wire(always(OK.replace(b"ok", b"42"))) as public:
        guard = Guard(HERE_ALONE, resolve=server.resolve)
        url = f"http://{NAME}:{public.port}"
        assert Sender(guard).post(f"{url}/", b"merhaba", {}).status == 200
        assert Http(adapter=GuardedAdapter(guard)).site(url).request("POST", "/", content=b"merhaba").json() == 42
    assert is_untouched(inner)


def test_a_name_server_that_says_nothing_is_no_address(inner: socket.socket) -> None:
    session = requests.Session()
    with naming({}) as server:
        session.mount("http://", GuardedAdapter(Guard(HERE_ALONE, resolve=server.resolve)))
        with pytest.raises(requests.ConnectionError, match="does not resolve"):
            session.post(url_at(inner), b"merhaba", timeout=20)
