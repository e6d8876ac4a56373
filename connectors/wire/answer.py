"""What a partner answered, read in full within a cap, and what of it may stand in an error message."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import orjson
import requests

from connectors.errors import ConnectorError
from connectors.wire import address as addresses

_CHUNK = 65_536
_SHOWN = 80
_MASKED = 4096
_SLOW_CODECS = {"punycode", "idna"}  # for host names: a few megabytes of text would take them hours
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered, read in full."""

    url: str = field(repr=False)  # its query may hold a key
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    mask: Callable[[str], str] = field(repr=False)

    def link(self, target: str) -> str:
        """Where a link in this answer leads (RFC 3986); one that is no address is a passing error."""
        try:
            return urljoin(self.url, target)
        except ValueError:
            raise ConnectorError(f"{self.path} answered with a link that is no address.") from None

    def json(self) -> Any:
        """The body as JSON; anything else is a passing error that shows its first 80 characters."""
        try:
            return _parse(self.body, self.headers.get("Content-Type", ""))
        except (ValueError, LookupError, RecursionError):
            raise ConnectorError(f"{self.path} answered {self.status}, but no JSON: {self.excerpt}") from None

    @property
    def path(self) -> str:
        """Where it came from, for an error message."""
        return self.mask(addresses.path(self.url))

    @property
    def excerpt(self) -> str:
        """The first 80 characters, secrets masked, for an error message."""
        text = self.mask(self.body[:_MASKED].decode("utf-8", "replace"))[:_SHOWN]
        return " ".join(text.split()) or "(nothing)"


def read_body(response: requests.Response, max_bytes: int) -> bytes:
    """The body, unpacked piece by piece; a permanent ConnectorError once it is larger than `max_bytes`."""
    told = response.headers.get("Content-Length", "")
    if told.isdecimal() and int(told) > max_bytes:
        raise _too_large(response, max_bytes)
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(response, max_bytes)
    return bytes(body)


def _too_large(response: requests.Response, max_bytes: int) -> ConnectorError:
    told = f"{addresses.path(response.url)} answered more than {max_bytes} bytes: ask for smaller pages."
    return ConnectorError(told, permanent=True)


def _parse(body: bytes, content_type: str) -> Any:
    """JSON from bytes. orjson is fast, the standard library lenient: one poisoned record must not hide its page."""
    charset = _CHARSET.search(content_type)
    text = _decoded(body, charset[1]) if charset and charset[1].lower() not in {"utf-8", "utf8"} else body
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def _decoded(body: bytes, charset: str) -> str:
    if codecs.lookup(charset).name in _SLOW_CODECS:
        raise LookupError(charset)
    return body.decode(charset)
