"""Addresses taken apart by the same parser that sends the request, so that no two readings of one URL can differ."""

from __future__ import annotations

from functools import lru_cache

from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None unless it is http or https, with a host and without a user name."""
    parts = _split(url)
    if parts is None or parts.scheme not in _PORTS or not parts.host or parts.auth or "\\" in url:
        return None
    return parts.scheme, parts.host, parts.port or _PORTS[parts.scheme]


def host(url: str) -> str:
    """The host for an error message."""
    parts = _split(url)
    return (parts and parts.host) or "no host at all"


def path(url: str) -> str:
    """The path for an error message: a query may hold what must not be shown."""
    parts = _split(url)
    return (parts and parts.path) or "/"


@lru_cache(maxsize=16)  # each request asks for several parts of its own
def _split(url: str) -> Url | None:
    try:
        return parse_url(url)
    except LocationParseError:
        return None
