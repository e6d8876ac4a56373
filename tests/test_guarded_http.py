"""Answers are read as RFC 9112 frames them, whatever pieces they come in, and odd ones end the connection."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPException

import pytest

from gateway.guarded import Target
from gateway.guarded_http import Reply, read_reply, request

HEAD = b"HTTP/1.1 200 OK\r\n"
EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
LONG = b"x" * 999
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def read(wire: bytes, size: int = 1, most: int = 100) -> Reply:
    """The reply that comes in pieces of so many bytes, after which the connection ends."""
    pieces: Iterator[bytes] = (wire[at : at + size] for at in range(0, len(wire), size))
    return read_reply(lambda: next(pieces, b""), most)


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize(
    ("wire", "body", "is_whole"),
    [
        (HEAD + b"Content-Length: 5\r\n\r\nm\xc4\xb1s\xc4", b"m\xc4\xb1s\xc4", True),
        (EMPTY, b"", True),
        (HEAD + b"Content-Length: 3\r\nConnection: Close\r\n\r\nabc", b"abc", False),
        (HEAD + b"\r\nabc", b"abc", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", b"abcde", True),
        (CHUNKED + b"3\r\nabc\r\n0\r\nTrailer: t\r\n\r\n", b"abc", True),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\nabc", b"abc", False),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + EMPTY, b"", True),
    ],
)  # fmt: skip
def test_body_is_framed_as_the_head_says(wire: bytes, body: bytes, is_whole: bool, size: int) -> None:
    reply = read(wire, size)
    assert (reply.body, reply.is_whole) == (body, is_whole)


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 3, 4\r\n\r\nabc",
        HEAD + b"Content-Length: 9\r\n\r\nabc",
        HEAD + b"K\xf6t\xfc: x\r\n\r\n",
        HEAD + b"no colon\r\n\r\n",
        CHUNKED + b"xyz\r\n",
        CHUNKED + b"3 3\r\nabc\r\n",
        CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n",
        CHUNKED + b"3\r\nab",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\nContent-Length: 1\n\nx",
        HEAD + b"X-Long: a\r\n  b\r\n\r\n",
        HEAD + b"X: 1\r\n" * 101 + b"\r\n",
        HEAD + b"X: " + b"x" * 65_536,
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_answer_is_refused(wire: bytes) -> None:
    with pytest.raises(HTTPException):
        read(wire)


@pytest.mark.parametrize(
    "wire",
    [HEAD + b"Content-Length: 999\r\n\r\n" + LONG, CHUNKED + b"3e7\r\n" + LONG, HEAD + b"\r\n" + LONG],
)
def test_body_is_read_to_its_cap_and_the_connection_given_up(wire: bytes) -> None:
    reply = read(wire, 64)
    assert (len(reply.body), reply.is_whole) == (100, False)


def test_what_comes_behind_an_answer_spoils_the_connection() -> None:
    assert not read(HEAD + b"Content-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n", 1000).is_whole


def test_headers_are_joined_and_in_lower_case() -> None:
    reply = read(HEAD + b"X-A: 1\r\nx-a: 2\r\nContent-Length: 0\r\n\r\n")
    assert reply.headers == {"x-a": "1, 2", "content-length": "0"}


@pytest.mark.parametrize(("name", "value"), [("X-A", "a\r\nX-B: b"), ("X\r\nA", "a"), ("X A", "a"), ("", "a")])
def test_header_that_could_be_two_is_not_sent(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent"):
        request(Target("https", "bayi.example", 443, "/"), b"", {name: value})


@pytest.mark.parametrize(
    ("target", "host"),
    [
        (Target("https", "bayi.example", 443, "/"), b"Host: bayi.example\r\n"),
        (Target("http", "bayi.example", 8080, "/"), b"Host: bayi.example:8080\r\n"),
        (Target("https", "2a00:1450::1", 8443, "/"), b"Host: [2a00:1450::1]:8443\r\n"),
    ],
)
def test_host_is_named_as_urls_name_it(target: Target, host: bytes) -> None:
    assert host in request(target, b"merhaba", {})
