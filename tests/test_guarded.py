"""The attack list against the guard: no spelling, disguise or moving name reaches an inner address."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import from_regex, text

from gateway.guarded import (
    _MOST_LOOK_UPS,
    AddressRefused,
    Deadline,
    Guard,
    Target,
    Unresolvable,
    is_public,
    read_target,
)

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
_INNER = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
    240.0.0.1 255.255.255.255 100.100.100.200 168.63.129.16 169.254.170.2 192.0.0.192
    :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254
    fec0::1 ff02::1 ff0e::1 2001:db8::1 2001::1 3fff::1 100::1 2002:7f00:1::1 2002:a9fe:a9fe:: 64:ff9b::7f00:1
    64:ff9b:1::1 5f00::1 ::ffff:0:127.0.0.1 ::ffff:168.63.129.16 2001:0:7f00:1:: 2002:a00:1:: 64:ff9b::a9fe:a9fe 1::1
    fd20:ce::254 4000::1 8000::1 febf::1 2001:1ff::1
"""
INNER = _INNER.split()


def answering(*answers: list[str]) -> Any:
    """A resolver that gives these answers, one after the other, and then the last one for ever."""
    given: Iterator[list[str]] = iter(answers)

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        addresses = next(given, answers[-1])
        return [
            (socket.AF_INET6 if ":" in each else socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port))
            for each in addresses
        ]

    return resolve


@pytest.mark.parametrize("address", INNER)
def test_inner_address_and_its_disguises_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "195.175.39.39", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_public_address_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", INNER)
def test_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard(resolve=answering([address])).check("https://bayi.example/kopru")


@pytest.mark.parametrize(
    "host",
    [
        "127.1", "127.0.1", "0x7f000001", "0x7f.1", "0X7F.0.0.1", "2130706433", "017700000001", "0177.0.0.1", "0177.1",
        "127.0.0.1.", "127.255.255.255", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:FFFF:127.0.0.1]", "[::1]",
        "[::127.0.0.1]", "[0000::1]", "[::]", "localhost", "localhost.", "LOCALHOST", "0", "0.0.0.0", "0x0",  # noqa: S104
    ],
)  # fmt: skip
def test_every_spelling_of_loopback_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        Guard().check(f"https://{host}/")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://user@bayi.example/", "userinfo_refused"),
        ("https://bayi.example@127.0.0.1/", "userinfo_refused"),
        ("https://:@bayi.example/", "userinfo_refused"),
        ("https://bayi.example/\r\nHost: inner", "malformed"),
        ("https://bayi.example\t/", "malformed"),
        ("https://bayi.example\\@127.0.0.1/", "malformed"),
        ("https://bayi.example%0d%0aHost:inner/", "malformed"),
        ("https://bayi.example%00.baska.example/", "malformed"),
        ("https://[fe80::1%25eth0]/", "malformed"),
        ("https://[fe80::1%eth0]/", "malformed"),
        ("https://[::1/", "malformed"),
        ("https://[::1]127.0.0.1/", "malformed"),
        ("https://bayi.example:443:22/", "malformed"),
        ("https://bayi.example:-1/", "malformed"),
        ("https://bayi.example:４４３/", "malformed"),
        ("https://１２７.０.０.１/", "malformed"),
        ("https://①②⑦.⓪.⓪.①/", "malformed"),
        ("https://127。0。0。1/", "malformed"),
        ("https://bayi\u00ad.example/", "malformed"),
        ("https://bayi\u200b.example/", "malformed"),
        ("https://bayi.example@:443@127.0.0.1/", "userinfo_refused"),
        ("https://bayi.example:443@127.0.0.1/", "userinfo_refused"),
        ("https://bayi.example:0/", "malformed"),
        ("https://bayi.example:99999/", "malformed"),
        ("https:///kopru", "malformed"),
        ("https://./", "malformed"),
        ("file:///etc/passwd", "scheme_refused"),
        ("gopher://bayi.example/", "scheme_refused"),
        ("unix:/run/docker.sock", "scheme_refused"),
        ("dict://127.0.0.1:11211/", "scheme_refused"),
        ("ldap://127.0.0.1/", "scheme_refused"),
        ("jar:https://bayi.example!/", "scheme_refused"),
        ("data:text/plain,x", "scheme_refused"),
        ("//127.0.0.1/", "scheme_refused"),
        ("bayi.example/kopru", "scheme_refused"),
        ("", "scheme_refused"),
    ],
)
def test_url_that_two_parsers_could_read_differently_is_refused(url: str, code: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        read_target(url)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://bayi.example/", "scheme_refused"),
        ("https://bayi.example:22/", "port_refused"),
        ("https://bayi.example:8444/", "port_refused"),
    ],
)
def test_public_address_takes_https_on_two_ports_only(url: str, code: str) -> None:
    guard = Guard(resolve=answering(["8.8.8.8"]))
    with pytest.raises(AddressRefused) as refused:
        guard.check(url)
    assert refused.value.code == code
    assert guard.check("https://bayi.example:8443/ö").port == 8443


@pytest.mark.parametrize(
    "url", ["https://bayi.example#@127.0.0.1/", "https://bayi.example?@127.0.0.1/", "https://bayi.example/@127.0.0.1"]
)
def test_host_ends_where_the_path_begins(url: str) -> None:
    assert Guard(resolve=answering(["8.8.8.8"])).check(url).host == "bayi.example"


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        Guard(resolve=answering(["8.8.8.8", "10.0.0.1"])).check("https://bayi.example/")


def test_name_that_turns_inside_after_the_check_is_refused_at_the_call() -> None:
    guard = Guard(resolve=answering(["8.8.8.8"], ["127.0.0.1"]))
    target = guard.check("https://bayi.example/")
    with pytest.raises(AddressRefused):
        guard.dial(target, Deadline(1))


def test_call_goes_to_the_address_that_was_judged() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        guard = Guard(LOOPBACK, resolve=answering(["127.0.0.1"], ["10.0.0.1"]))
        with guard.dial(read_target(f"http://bayi.example:{port}/"), Deadline(1)) as dialled:
            assert dialled.getpeername() == ("127.0.0.1", port)


def test_allowed_network_is_open_on_any_port_and_nothing_beside_it() -> None:
    guard = Guard(LOOPBACK)
    assert guard.check("http://127.0.0.1:9999/").origin == ("http", "127.0.0.1", 9999)
    assert guard.check("http://[::ffff:127.0.0.1]:9999/").port == 9999
    with pytest.raises(AddressRefused):
        guard.check("http://[::1]:9999/")


def test_name_that_nobody_waits_for_any_more_is_not_looked_up() -> None:
    asked, let_go = list[str](), threading.Event()

    def be_silent(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        let_go.wait(60)
        return []

    guard = Guard(resolve=be_silent)
    for number in range(_MOST_LOOK_UPS + 3):
        with pytest.raises(TimeoutError):
            guard.check(f"https://sessiz-{number}.example/", seconds=0.01)
    let_go.set()
    guard._look_ups.shutdown()
    assert len(asked) == _MOST_LOOK_UPS


def test_name_without_an_address_is_told_apart_from_a_forbidden_one() -> None:
    with pytest.raises(Unresolvable):
        Guard(resolve=answering([])).check("https://yok.invalid/")


def test_look_up_that_never_answers_ends_at_the_deadline() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.settimeout(0.5)
        guard = Guard(resolve=lambda *_, **__: silent.recv(1))
        with pytest.raises(TimeoutError):
            guard.check("https://bayi.example/", seconds=0.1)


def test_names_whose_servers_are_silent_hold_up_nobody_else() -> None:
    silence = threading.Event()

    def resolve(host: str, port: int, **more: Any) -> list[Any]:
        if host.startswith("sessiz"):
            silence.wait(10)
        return list(answering(["8.8.8.8"])(host, port, **more))

    guard = Guard(resolve=resolve)
    for number in range(24):
        with pytest.raises(TimeoutError):
            guard.check(f"https://sessiz-{number}.example/", seconds=0.001)
    assert guard.check("https://bayi.example/", seconds=2).host == "bayi.example"
    silence.set()


@given(text(max_size=60) | from_regex(r"https?://[\w\[\]:.@%/\\?#-]{0,40}", fullmatch=True))
def test_no_text_at_all_breaks_the_reading_of_addresses(url: str) -> None:
    with suppress(AddressRefused, Unresolvable):
        target = Guard(resolve=answering(["10.0.0.1"])).check(url)
        pytest.fail(f"{target} was let through")


@given(from_regex(r"[\w\[\]:.-]{1,80}", fullmatch=True))
@settings(max_examples=30, deadline=None)
def test_no_host_breaks_the_real_look_up(host: str) -> None:
    with suppress(AddressRefused, Unresolvable, TimeoutError):
        Guard().check(f"https://{host}.invalid/", seconds=0.2)


@pytest.mark.parametrize(
    ("place", "code"),
    [
        (Target("sftp", "sftp.bayi.example", 2222, "/"), "port_refused"),
        (Target("sftp", "sftp.bayi.example", 443, "/"), "port_refused"),
        (Target("https", "sftp.bayi.example", 22, "/"), "port_refused"),
        (Target("gopher", "sftp.bayi.example", 22, "/"), "scheme_refused"),
    ],
)
def test_public_server_is_dialled_at_the_port_of_its_protocol_alone(place: Target, code: str) -> None:
    with pytest.raises(AddressRefused) as caught:
        Guard(resolve=answering(["8.8.8.8"])).dial(place, Deadline(1))
    assert caught.value.code == code


@pytest.mark.parametrize("address", INNER)
def test_sftp_server_inside_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        Guard(resolve=answering([address])).dial(Target("sftp", "sftp.bayi.example", 22, "/"), Deadline(1))
