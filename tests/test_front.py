"""The front: bodies are awaited without a thread, with a deadline and a cap."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.front import Front, environ_of
from gateway.http import SENDER, Stream


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["wsgi.input"].read()]


class Exchange:
    """One exchange as the server offers it: chunks in, one answer out."""

    def __init__(self, *chunks: bytes, pause: float = 0.0) -> None:
        self._chunks = chunks
        self._pause = pause
        self.answer: tuple[int, list[tuple[str, str]], bytes] = (0, [], b"")

    async def __aiter__(self) -> Any:
        for chunk in self._chunks:
            await asyncio.sleep(self._pause)
            yield chunk

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> Any:
        self.answer = status, headers, b""
        return self

    async def send_bytes(self, part: bytes) -> None:
        self.answer = *self.answer[:2], self.answer[2] + part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answer = status, headers, body


def scope(**headers: str) -> Any:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return SimpleNamespace(
        http_version="1.1", server="127.0.0.1:80", client="127.0.0.1:5", scheme="http", method="POST", path="/ş x",
        query_string="a=%C5%9F", authority=None, headers=SimpleNamespace(items=lambda: pairs),
    )  # fmt: skip


def ask(exchange: Exchange, seconds: float = 20.0, **headers: str) -> tuple[int, bytes]:
    front = Front(echo, 1, most_bytes=10, body_seconds=seconds)
    asyncio.run(front.__rsgi__(scope(**headers), exchange))
    return exchange.answer[0], exchange.answer[2]


def test_whole_body_reaches_the_application() -> None:
    assert ask(Exchange(b"abc", b"de"), content_length="5") == (200, b"abcde")


def test_body_that_is_too_large_is_cut_one_byte_beyond_the_cap_or_not_read() -> None:
    assert len(ask(Exchange(*[b"x"] * 100), transfer_encoding="chunked")[1]) == 11
    assert ask(Exchange(b"never read"), content_length="11") == (200, b"")


def test_slow_body_is_a_408_at_its_deadline() -> None:
    status, body = ask(Exchange(*[b"x"] * 8, pause=0.05), 0.2, content_length="8")
    assert (status, b"request_timeout" in body) == (408, True)


@pytest.mark.parametrize(
    ("chunks", "headers"),
    [
        ((b"abc",), {"content_length": "5"}),
        ((b"abc", b"", b""), {"content_length": "5"}),
        ((b"abc", b"", b""), {"transfer_encoding": "chunked"}),
    ],
)
def test_body_whose_connection_breaks_is_not_taken_for_a_whole_one(
    chunks: tuple[bytes, ...], headers: dict[str, str]
) -> None:
    status, body = ask(Exchange(*chunks), 20.0, **headers)
    assert (status, b"bad_request" in body) == (400, True)


def test_body_in_chunks_ends_with_an_empty_one() -> None:
    assert ask(Exchange(b"abc", b"de", b""), transfer_encoding="chunked") == (200, b"abcde")


def test_header_in_the_spelling_of_cgi_does_not_pass_for_one_that_a_proxy_has_set() -> None:
    request = scope()
    request.headers.items = lambda: [("X-Forwarded-For", "192.0.2.7"), ("X_Forwarded_For", "198.51.100.9")]
    assert environ_of(request)["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"


def test_request_is_told_as_wsgi_wants_it() -> None:
    environ = environ_of(scope(x_a="1", cookie="k=v", content_type="text/plain"))
    assert environ["PATH_INFO"].encode("latin-1").decode() == "/ş x"
    assert (environ["QUERY_STRING"], environ["HTTP_X_A"], environ["CONTENT_TYPE"]) == ("a=%C5%9F", "1", "text/plain")
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("127.0.0.1", "127.0.0.1", "80")


def room(environ: dict[str, Any]) -> Any:
    """25 bytes for whoever says that they may."""
    return lambda: 25 if environ.setdefault(SENDER, environ.get("HTTP_X_MAY")) else None


class Waiting(Exchange):
    """An exchange whose body begins once something has happened."""

    def __init__(self, event: asyncio.Event) -> None:
        super().__init__(*[b"x" * 5] * 5)
        self._event = event

    async def __aiter__(self) -> Any:
        await self._event.wait()
        async for chunk in super().__aiter__():
            yield chunk


async def bring_files(senders: str) -> list[int]:
    """So many files at once, of senders with names of one letter; answers the bytes that were taken of each."""
    front, last_is_over = Front(echo, 1, most_bytes=10, room=room), asyncio.Event()
    exchanges = [*(Waiting(last_is_over) for _ in senders[:-1]), Exchange(*[b"x" * 5] * 5)]
    asked = [scope(transfer_encoding="chunked", x_may=sender) for sender in senders]
    waiting = [asyncio.create_task(front.__rsgi__(*each)) for each in zip(asked[:-1], exchanges[:-1], strict=True)]
    await asyncio.sleep(0)
    await front.__rsgi__(asked[-1], exchanges[-1])
    last_is_over.set()
    await asyncio.gather(*waiting)
    await front.__rsgi__(asked[0], last := Exchange(*[b"x" * 5] * 5))
    return [len(each.answer[2]) for each in (*exchanges, last)]


@pytest.mark.parametrize(("senders", "taken"), [("aaaaa", 15), ("aaaab", 25)])
def test_nobody_has_more_than_four_files_on_their_way(senders: str, taken: int) -> None:
    assert asyncio.run(bring_files(senders)) == [25, 25, 25, 25, taken, 25]


def test_whoever_may_upload_brings_more_than_others() -> None:
    front = Front(echo, 1, most_bytes=10, room=room)
    exchanges = [Exchange(*[b"x" * 5] * 5), Exchange(*[b"x" * 5] * 5)]
    for exchange, headers in zip(exchanges, ({"x_may": "1"}, {}), strict=True):
        asyncio.run(front.__rsgi__(scope(transfer_encoding="chunked", **headers), exchange))
    assert [len(exchange.answer[2]) for exchange in exchanges] == [25, 15]


def test_stream_is_sent_part_by_part() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Stream(iter([b"a", b"b", b"c"]))

    exchange = Exchange()
    asyncio.run(Front(app, 1, most_bytes=10).__rsgi__(scope(), exchange))
    assert exchange.answer[2] == b"abc"
