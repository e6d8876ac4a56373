"""As much of HTTP/1.1 (RFC 9112) as posting takes, for the price of a few string operations.

The standard library's client parses answers as e-mail, which costs more than everything else about a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http.client import BadStatusLine, HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from typing import NamedTuple

from gateway.guarded import Target

MOST_HEAD_BYTES, MOST_HEADERS = 65_536, 100
_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(r"[\0\r\n]")
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(r"\r?\n[ \t]+")
_STATUS = re.compile(r"HTTP/1\.([01]) +([1-9][0-9]{2})(?: |$)")
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;|$)")
_BODILESS = (204, 304)

Receive = Callable[[], bytes]  # some bytes, or none at the end of the connection


class Reply(NamedTuple):
    """An answer; names of `headers` are in lower case. The connection may be used again if it `is_whole`."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool


def request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of a POST; raises ValueError for a header that could be read as more than one."""
    for name, value in headers.items():
        if not _NAME.fullmatch(name) or _FORBIDDEN.search(value):
            raise ValueError(f"the header {name!r} cannot be sent")
    host = f"[{target.host}]" if ":" in target.host else target.host
    port = "" if target.port == _PORTS[target.scheme] else f":{target.port}"
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: {host}{port}\r\nAccept-Encoding: identity\r\n"
        f"Content-Length: {len(body)}\r\n{lines}\r\n"
    )
    return head.encode("latin-1") + body


def read_reply(receive: Receive, most: int) -> Reply:
    """The answer with the first `most` bytes of its body; raises HTTPException, or what `receive` raises."""
    status, buffer = 100, b""
    while status // 100 == 1 and status != 101:
        version, status, headers, buffer = _read_head(receive, buffer)
    reader = _Body(receive, buffer, most)
    is_kept = version == "1" and "close" not in headers.get("connection", "").lower()
    if status in _BODILESS:
        is_whole = True
    elif (coding := headers.get("transfer-encoding")) is not None:
        is_whole = reader.read_chunks() if coding.lower() == "chunked" else reader.read_rest()
        is_kept = is_kept and "content-length" not in headers  # two lengths may be a smuggled answer
    elif "content-length" in headers:
        is_whole = reader.read_length(headers["content-length"])
    else:
        is_whole = reader.read_rest()
    return Reply(status, headers, bytes(reader.body), is_whole and is_kept and not reader.buffer)


def _read_head(receive: Receive, buffer: bytes) -> tuple[str, int, dict[str, str], bytes]:
    start = 0
    while (end := _END_OF_HEAD.search(buffer, start)) is None:
        if len(buffer) > MOST_HEAD_BYTES:
            raise LineTooLong("head")
        start = max(0, len(buffer) - 3)
        part = receive()
        if not part:
            raise RemoteDisconnected("no answer") if not buffer else IncompleteRead(buffer)
        buffer += part
    if end.start() > MOST_HEAD_BYTES:
        raise LineTooLong("head")
    first, *lines = _FOLDED.sub(" ", buffer[: end.start()].decode("latin-1")).split("\n")
    status = _STATUS.match(first.rstrip("\r"))
    if status is None:
        raise BadStatusLine(first[:100])
    return status[1], int(status[2]), _parse_headers(lines), buffer[end.end() :]


def _parse_headers(lines: list[str]) -> dict[str, str]:
    if len(lines) > MOST_HEADERS:
        raise HTTPException("too many headers")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name):
            raise HTTPException("a malformed header")
        name, value = name.lower(), value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


class _Body:
    """The body as it comes in; `buffer` is what has come beyond it. Each way of reading answers whether it ended."""

    def __init__(self, receive: Receive, buffer: bytes, most: int) -> None:
        self._receive = receive
        self._most = most
        self.buffer = buffer
        self.body = bytearray()

    def read_length(self, said: str) -> bool:
        """So many bytes, said in digits."""
        if not (said.isascii() and said.isdigit() and len(said) < 20):
            raise HTTPException("a malformed length")
        return self._take(int(said))

    def read_rest(self) -> bool:
        """Everything until the connection ends, after which it is of no further use."""
        while self._take(len(self.buffer)) and self._fill():
            pass
        return False

    def read_chunks(self) -> bool:
        """Chunk by chunk, trailers unread."""
        while True:
            size = _SIZE.match(self._line())
            if size is None:
                raise HTTPException("a malformed chunk")
            length = int(size[1], 16)
            if not length:
                return self._line() == b""
            if not self._take(length):
                return False
            if self._line():
                raise HTTPException("a malformed chunk")

    def _take(self, count: int) -> bool:
        """Move `count` bytes of the body over; False when the cap ends it before."""
        while count:
            if len(self.body) >= self._most:
                return False
            if not self.buffer and not self._fill():
                raise IncompleteRead(bytes(self.body), count)
            room = min(count, self._most - len(self.body))
            self.body += self.buffer[:room]
            count -= len(self.buffer[:room])
            self.buffer = self.buffer[room:]
        return True

    def _line(self) -> bytes:
        while b"\n" not in self.buffer:
            if len(self.buffer) > MOST_HEAD_BYTES:
                raise LineTooLong("chunk")
            if not self._fill():
                raise IncompleteRead(bytes(self.body))
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _fill(self) -> bool:
        part = self._receive()
        self.buffer += part
        return bool(part)
