"""HTTP towards partners: deadlines, size caps, one host, and errors told in words a person can act on."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import orjson
import requests
from requests.adapters import BaseAdapter

from connectors.errors import ConnectorError, CredentialsRefused
from connectors.wire import address as addresses
from connectors.wire.deadline import Deadline, DeadlineAdapter
from connectors.wire.retry_after import retry_after

_PASSING = {408, 409, 425, 429}  # of the 4xx; all others need a person
_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_REDIRECTS = 3
_CHUNK = 65_536
_SHOWN = 80
_MASKED = 4096
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how large one exchange may be; seconds and bytes (after decompression)."""

    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    total_seconds: float = 60.0
    max_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner answered, read in full."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    mask: Callable[[str], str] = field(repr=False)

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


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and how it went, for whoever watches over the partner; nothing in it is secret."""

    method: str
    path: str
    status: int | None
    error: str | None
    seconds: float
    sent_bytes: int
    received_bytes: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class Gate(Protocol):
    """What stands between a link and its partner: it may hold a request back, refuse it, and hears how it went."""

    def enter(self) -> None:
        """Return when the next request may be sent; raises ConnectorError when it may not for now."""

    def leave(self, exchange: Exchange) -> None:
        """Hear how it went; called once for every `enter` that returned."""


class OpenGate:
    """Lets everything through."""

    def enter(self) -> None:
        """At once."""

    def leave(self, exchange: Exchange) -> None:
        """Forget it."""


Dial = Callable[[str, int, float], socket.socket]


def dial(host: str, port: int, seconds: float) -> socket.socket:
    """A TCP connection to whatever the name resolves to."""
    return socket.create_connection((host, port), seconds)


class Http:
    """The way out for one link: a pool of connections that no environment variable can redirect.

    `gate` stands before every exchange; `dial` opens connections that speak another protocol (SFTP); `folders` are the
    local folders below which a link may read and write files, none unless the operator names some.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        adapter: BaseAdapter | None = None,
        *,
        gate: Gate | None = None,
        dial: Dial = dial,
        folders: Sequence[Path] = (),
    ) -> None:
        self.limits = limits or Limits()
        self.gate = gate or OpenGate()
        self.dial = dial
        self.folders = tuple(folders)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers.update(
            {"User-Agent": "Kopru", "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        )
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, adapter or DeadlineAdapter())

    def site(self, base_url: str, headers: Mapping[str, str] | None = None, secrets: Iterable[str] = ()) -> Site:
        """A partner's site, which requests never leave. Neither `headers` nor `secrets` show up in any error."""
        values = [value for value in (headers or {}).values() if value.strip()]
        # "Bearer abc": the scheme is no secret, and the token is one even where it stands alone.
        return Site(self, base_url, dict(headers or {}), [*secrets, *values, *(value.split()[-1] for value in values)])

    def close(self) -> None:
        """Close every connection."""
        self.session.close()


class Site:
    """One partner's scheme, host and port, with the headers it wants."""

    def __init__(self, http: Http, base_url: str, headers: dict[str, str], secrets: Iterable[str]) -> None:
        self._http = http
        self._base = base_url.rstrip("/")
        self._headers = headers
        self._secrets = sorted((secret for secret in secrets if secret), key=len, reverse=True)
        self._origin = addresses.origin(base_url)
        if self._origin is None:
            raise ConnectorError("base_url must be an http or https address without a user name.", permanent=True)

    def request(
        self,
        method: str,
        address: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
    ) -> Answer:
        """Call a path below base_url, or a URL on its host; a status that is neither 2xx nor in `accept` raises."""
        url = address if "://" in address else self._base + address
        sent = {**self._headers, **(headers or {})}
        data = None if body is None else orjson.dumps(body)
        if data is not None:
            sent["Content-Type"] = "application/json"
        with Deadline(self._http.limits.total_seconds):
            for _ in range(_MAX_REDIRECTS + 1):
                answer = self._exchange(method, self._checked(url), params, data, sent)
                if method != "GET" or answer.status not in _REDIRECTS:
                    break
                url, params = urljoin(answer.url, answer.headers.get("Location", "")), None
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        raise self._refusal(method, answer)

    def _checked(self, url: str) -> str:
        if addresses.origin(url) != self._origin:
            raise ConnectorError(
                f"The partner points to another host ({addresses.host(url)}); requests stay on the host of base_url.",
                permanent=True,
            )
        return url

    def _exchange(
        self, method: str, url: str, params: Mapping[str, Any] | None, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """One request through the gate, which hears how it went whatever happens."""
        self._http.gate.enter()
        began, answer, error = time.monotonic(), None, "The request was broken off on our side."
        try:
            answer = self._send(method, url, params, data, headers)
            return answer
        except ConnectorError as failure:
            error = failure.message
            raise
        finally:
            self._http.gate.leave(
                Exchange(
                    method=method,
                    path=self._masked(addresses.path(url)),
                    status=answer.status if answer else None,
                    error=None if answer else error,
                    seconds=time.monotonic() - began,
                    sent_bytes=len(data or b""),
                    received_bytes=len(answer.body) if answer else 0,
                    headers=answer.headers if answer else {},
                )
            )

    def _send(
        self, method: str, url: str, params: Mapping[str, Any] | None, data: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        limits, what = self._http.limits, f"{method} {addresses.path(url)}"
        try:
            with self._http.session.request(
                method,
                url,
                params=params,
                data=data,
                headers=headers,
                timeout=(limits.connect_seconds, limits.read_seconds),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, limits.max_bytes)
                return Answer(response.url, response.status_code, response.headers, body, self._masked)
        except requests.Timeout:
            problem, permanent = "got no answer in time", False
        except requests.exceptions.SSLError as error:
            problem, permanent = "found no trustworthy TLS", "CERTIFICATE" in str(error).upper()
        except requests.ConnectionError as error:
            late = "timed out" in str(error) or "deadline" in str(error)
            problem, permanent = "got no answer in time" if late else "lost or got no connection", False
        except ValueError:
            problem, permanent = "cannot be sent: its address may not be called, or it or a header is malformed", True
        except (requests.RequestException, OSError):
            problem, permanent = "broke off in the middle of the answer", False
        raise ConnectorError(self._masked(f"{what} {problem}."), permanent)

    def _refusal(self, method: str, answer: Answer) -> ConnectorError:
        permanent = answer.status < 500 and answer.status not in _PASSING
        message = f"{method} {answer.path} answered {answer.status}: {answer.excerpt}"
        if answer.status == 401:
            return CredentialsRefused(message)
        return ConnectorError(message, permanent, None if permanent else retry_after(answer.headers))

    def _masked(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _read(response: requests.Response, max_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            told = f"{addresses.path(response.url)} answered more than {max_bytes} bytes: ask for smaller pages."
            raise ConnectorError(told, permanent=True)
    return bytes(body)


def _parse(body: bytes, content_type: str) -> Any:
    """JSON from bytes. orjson is fast, the standard library lenient: one poisoned record must not hide its page."""
    charset = _CHARSET.search(content_type)
    text = body.decode(charset[1]) if charset and charset[1].lower() not in {"utf-8", "utf8"} else body
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)
