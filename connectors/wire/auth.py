"""Proving to a partner who we are, where a fixed header is not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import requests

Proof = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class Auth:
    """Makes the proof for each request; this one proves nothing."""

    def proof(self) -> Proof:
        """What puts the credentials on one request, got before the request passes the gate."""
        return _unchanged

    def renewed(self, refused: Proof) -> bool:
        """Whether, after a 401 for `refused`, there are other credentials to try once."""
        return False

    def secrets(self) -> Iterable[str]:
        """What no message may show."""
        return ()

    def forget(self, url: str) -> str:
        """A link from the partner without our credentials in it, fit to be kept in a cursor."""
        return url


class QueryKey(Auth):
    """An API key as a parameter of the query. Access logs on the way see it: a header is better where there is one."""

    def __init__(self, parameter: str, key: str) -> None:
        self._parameter = parameter
        self._key = key

    def proof(self) -> Proof:
        """Put the key on the query, in place of whatever a link of the partner holds there."""
        return self._put

    def secrets(self) -> Iterable[str]:
        """The key, also as it is written in a URL."""
        return self._key, quote(self._key, safe="")

    def forget(self, url: str) -> str:
        """The URL without the key."""
        parts = urlsplit(url)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
        kept = [pair for pair in pairs if pair[0] != self._parameter]
        return url if len(kept) == len(pairs) else urlunsplit(parts._replace(query=urlencode(kept)))

    def _put(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.prepare_url(self.forget(request.url or ""), {self._parameter: self._key})
        return request


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
