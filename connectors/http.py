"""HTTP towards partners: deadlines, size caps, one host, and errors told in words a person can act on."""

from __future__ import annotations

import logging
import socket
import ssl
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Protocol

import orjson
import requests
from requests.adapters import BaseAdapter

from connectors.errors import ConnectorError, CredentialsRefused
from connectors.wire import address as addresses
from connectors.wire.answer import Answer, read_body
from connectors.wire.auth import Auth
from connectors.wire.call import Call, prepared
from connectors.wire.deadline import Deadline, DeadlineAdapter
from connectors.wire.retry_after import retry_after

__all__ = ["Answer", "Exchange", "Gate", "Http", "Limits", "OpenGate", "Site", "dial"]

# Its debug lines show whole queries, and some partners want their key there.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

_PASSING = {408, 409, 425, 429}  # of the 4xx; all others need a person
_REDIRECTS = {301, 302, 303, 307, 308}
_MAX_REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how large one exchange may be; seconds and bytes (after decompression)."""

    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    total_seconds: float = 60.0
    max_bytes: int = 32 * 1024 * 1024


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

    def wait(self) -> None:
        """Called each second that a read takes; raises ConnectorError when nobody waits for its answer any more."""

    def send(self) -> None:
        """Called when bytes of anything but a read are to leave; raises ConnectorError if they may not any more."""

    def leave(self, exchange: Exchange) -> None:
        """Hear how it went; called once for every `enter` that returned."""


class OpenGate:
    """Lets everything through."""

    def enter(self) -> None:
        """At once."""

    def wait(self) -> None:
        """Go on."""

    def send(self) -> None:
        """Go on."""

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

    def site(
        self,
        base_url: str,
        headers: Mapping[str, str] | None = None,
        secrets: Iterable[str] = (),
        *,
        auth: Auth | None = None,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> Site:
        """A partner's site, which requests never leave. Neither `headers` nor `secrets` show up in any error."""
        values = [value for value in (headers or {}).values() if value.strip()]
        # "Bearer abc": the scheme is no secret, and the token is one even where it stands alone.
        hidden = [*secrets, *values, *(value.split()[-1] for value in values)]
        return Site(self, base_url, dict(headers or {}), hidden, auth or Auth(), tls, limits or self.limits)

    def send(self, call: Call, timeout: tuple[float, float], verify: ssl.SSLContext | None) -> requests.Response:
        """The answer, its body still to be read; raises as `requests` does.

        By the adapter at once, for the session knows nothing of a call but its headers: neither cookies nor hooks, nor
        where to go from here.
        """
        adapter = self.session.get_adapter(call.url)
        return adapter.send(
            prepared(call, self.session.headers),
            timeout=timeout,
            verify=verify or self.session.verify,  # type: ignore[arg-type]  # DeadlineAdapter takes a context
            cert=None,
            proxies={},
            stream=True,
        )

    def close(self) -> None:
        """Close every connection."""
        self.session.close()


class Site:
    """One partner's scheme, host and port, with the headers it wants."""

    def __init__(
        self,
        http: Http,
        base_url: str,
        headers: dict[str, str],
        secrets: Iterable[str],
        auth: Auth,
        tls: ssl.SSLContext | None,
        limits: Limits,
    ) -> None:
        self._http, self._auth, self._tls, self._limits = http, auth, tls, limits
        self._base, self._headers = base_url.rstrip("/"), headers
        self._secrets = [secret for secret in secrets if secret]
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
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Collection[int] = (),
        reads: bool = False,
    ) -> Answer:
        """Call a path below base_url, or a URL on its host; a status that is neither 2xx nor in `accept` raises.

        `body` goes out as JSON, `content` as it is, with the Content-Type that `headers` name. What only `reads`, as
        every GET does, is broken off when nobody waits for it any more.
        """
        url = address if "://" in address else self._base + address
        sent = {**self._headers, **(headers or {})}
        if body is not None:
            content, sent["Content-Type"] = orjson.dumps(body), "application/json"
        call = Call(method, url, params, content, sent, self._auth.proof(), reads or method == "GET")
        answer = self._follow(call)
        if answer.status == 401 and self._auth.renewed(call.proof):
            answer = self._follow(replace(call, proof=self._auth.proof()))
        if 200 <= answer.status < 300 or answer.status in accept:
            return answer
        raise self._refusal(method, answer)

    def forget(self, url: str) -> str:
        """A link from the partner without our credentials in it, fit to be kept in a cursor."""
        return self._auth.forget(url)

    def _follow(self, call: Call) -> Answer:
        """The answer at the end of the redirects; only a GET is redirected, and all of them share one deadline."""
        # What may write is never broken off: whether it happened would have to be found out. It is not begun too late.
        watch = {"wait": self._http.gate.wait} if call.reads else {"send": self._http.gate.send}
        deadline = Deadline(self._limits.total_seconds, **watch)
        for _ in range(_MAX_REDIRECTS + 1):
            self._check(call.url)
            answer = self._exchange(call, deadline)
            if call.method != "GET" or answer.status not in _REDIRECTS:
                break
            call = replace(call, url=answer.link(answer.headers.get("Location", "")), params=None)
        return answer

    def _check(self, url: str) -> None:
        if addresses.origin(url) != self._origin:
            raise ConnectorError(
                f"The partner points to another host ({addresses.host(url)}); requests stay on the host of base_url.",
                permanent=True,
            )

    def _exchange(self, call: Call, deadline: Deadline) -> Answer:
        """One request through the gate, which hears how it went whatever happens."""
        self._http.gate.enter()
        began, answer, error = time.monotonic(), None, "The request was broken off on our side."
        try:
            answer = self._send(call, deadline)
            return answer
        except ConnectorError as failure:
            error = failure.message
            raise
        finally:
            self._http.gate.leave(
                Exchange(
                    method=call.method,
                    path=self._masked(addresses.path(call.url)),
                    status=answer.status if answer else None,
                    error=None if answer else error,
                    seconds=time.monotonic() - began,
                    sent_bytes=len(call.content or b""),
                    received_bytes=len(answer.body) if answer else 0,
                    headers=answer.headers if answer else {},
                )
            )

    def _send(self, call: Call, deadline: Deadline) -> Answer:
        limits = self._limits
        try:
            with (
                deadline,
                self._http.send(
                    call,
                    timeout=(min(limits.connect_seconds, deadline.left()), min(limits.read_seconds, deadline.left())),
                    verify=self._tls,
                ) as response,
            ):
                body = read_body(response, limits.max_bytes)
                return Answer(response.url, response.status_code, response.headers, body, self._masked)
        except (requests.Timeout, TimeoutError):
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
        raise ConnectorError(self._masked(f"{call.method} {addresses.path(call.url)} {problem}."), permanent)

    def _refusal(self, method: str, answer: Answer) -> ConnectorError:
        permanent = answer.status < 500 and answer.status not in _PASSING
        message = f"{method} {answer.path} answered {answer.status}: {answer.excerpt}"
        if answer.status == 401:
            return CredentialsRefused(message)
        return ConnectorError(message, permanent, None if permanent else retry_after(answer.headers))

    def _masked(self, text: str) -> str:
        for secret in sorted({*self._secrets, *self._auth.secrets()}, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text
