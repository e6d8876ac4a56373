"""As much of HTTP/1.1 (RFC 9112) as posting takes; answers are read by llhttp, the parser of Node.js.

The standard library's client parses answers as e-mail, which costs more than everything else about a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http.client import HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from typing import NamedTuple

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from gateway.guarded import Target

MOST_HEAD_BYTES, MOST_HEADERS = 65_536, 100
_PORTS = {"https": 443, "http": 80}
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN = re.compile(r"[\0\r\n]")

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
    answer = _Answer()
    while not answer.is_complete and len(answer.body) <= most:
        if part := receive():
            answer.feed(part)
        elif answer.may_end_here():
            break
        else:
            raise IncompleteRead(bytes(answer.body)) if answer.has_begun else RemoteDisconnected("no answer")
    is_whole = answer.is_complete and answer.is_kept and len(answer.body) <= most
    return Reply(answer.status, answer.headers, bytes(answer.body[:most]), is_whole)


class _Answer:
    """What the parser tells of an answer; those on the way to it (1xx) are forgotten as the next one begins."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self.has_begun = self.is_complete = self.is_kept = False
        self._head_bytes = 0
        self.on_message_begin()

    def feed(self, part: bytes) -> None:
        """Read some bytes on; raises HTTPException for what is no answer of HTTP/1."""
        self.has_begun = True
        self._head_bytes += 0 if self._has_head else len(part.partition(b"\r\n\r\n")[0])
        if self._head_bytes > MOST_HEAD_BYTES:
            raise LineTooLong("head")
        try:
            self._parser.feed_data(part)
        except (HttpParserError, HttpParserUpgrade) as error:
            if not self.is_complete:
                raise HTTPException(str(error)) from error
            self.is_kept = False  # the answer is whole, what comes behind it is none

    def may_end_here(self) -> bool:
        """Whether the end of the connection is the end of this answer: nothing else says where it ends."""
        is_chunked = self.headers.get("transfer-encoding", "").lower().endswith("chunked")
        return self._has_head and not is_chunked and "content-length" not in self.headers

    def on_message_begin(self) -> None:
        """Called by the parser, for each answer on the connection."""
        if self.is_complete:
            raise HTTPException("a second answer")
        self.status, self.headers, self.body = 0, dict[str, str](), bytearray()
        self._has_head, self._count = False, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser, for trailers too."""
        if self._has_head:
            return
        self._count += 1
        if self._count > MOST_HEADERS:
            raise HTTPException("too many headers")
        key, said = name.decode("latin-1").lower(), value.decode("latin-1").strip()
        self.headers[key] = f"{self.headers[key]}, {said}" if key in self.headers else said

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self.status, self._has_head = self._parser.get_status_code(), True

    def on_body(self, part: bytes) -> None:
        """Called by the parser."""
        self.body += part

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.is_complete = self.status // 100 != 1
        self.is_kept = self._parser.should_keep_alive()
