"""The token against forged requests that SAP Gateway wants on every write, together with the session it belongs to."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from connectors.base import ConnectorError
from connectors.http import Answer, Site

_HEADER = "X-CSRF-Token"
_COOKIE = re.compile(r"(?:\A|,)\s*([!#$%&'*+.^_`|~\w-]+=[^;,\s]*)", re.ASCII)


class CsrfSite:
    """Sends writes with a token, fetched once and again when the service asks for a new one."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = threading.Lock()
        self._proof: dict[str, str] | None = None

    def request(self, method: str, address: str, *, headers: Mapping[str, str], **how: Any) -> Answer:
        """As `Site.request`; a write that is refused for its token was not looked at, and is sent once more."""
        proof = self._known()
        accept = {*how.pop("accept", ()), 403}
        answer = self._site.request(method, address, headers={**headers, **proof}, accept=accept, **how)
        if not _wants_token(answer):
            return self._refused(answer)
        with self._lock:
            self._proof = None if self._proof is proof else self._proof
        answer = self._site.request(method, address, headers={**headers, **self._known()}, accept=accept, **how)
        return self._refused(answer)

    def _refused(self, answer: Answer) -> Answer:
        if answer.status == 403:
            raise ConnectorError(f"{answer.path} answered 403: {answer.excerpt}", permanent=True)
        return answer

    def _known(self) -> dict[str, str]:
        with self._lock:
            if self._proof is None:
                self._proof = self._fetch()
            return self._proof

    def _fetch(self) -> dict[str, str]:
        answer = self._site.request("GET", "/", headers={_HEADER: "Fetch"})
        token = answer.headers.get(_HEADER, "")
        if not token or token.lower() in ("fetch", "required"):
            raise ConnectorError("The service hands out no X-CSRF-Token: set `csrf` to false.", permanent=True)
        cookies = _cookies(answer.headers.get("Set-Cookie", ""))
        return {_HEADER: token, **({"Cookie": cookies} if cookies else {})}


def _wants_token(answer: Answer) -> bool:
    return answer.status == 403 and answer.headers.get(_HEADER, "").lower() == "required"


def _cookies(told: str) -> str:
    """What to send back of Set-Cookie, whose several lines arrive joined by commas."""
    return "; ".join(_COOKIE.findall(told))
