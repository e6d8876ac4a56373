"""Addresses that somebody typed: read strictly, resolved once, judged, and dialled at the very address judged.

Whatever calls such an address goes through a `Guard`: webhooks, partners' systems, key sets. Allowed is https on 443 or
8443 and SFTP on 22 to a public address, and anything inside the networks of KOPRU_WEBHOOK_ALLOW.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, NamedTuple

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from gateway.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[..., Iterable[Any]]

_PORTS = {"http": 80, "https": 443}
_PUBLIC_PORTS = {"https": (443, 8443), "sftp": (22,)}
_CONNECT_SECONDS = 5.0
_MOST_LOOK_UPS = 64
# `is_global` alone is no wall: it says yes to multicast, 6to4, NAT64, `::ffff:0:127.0.0.1` and others, and not the
# same in every Python. Of IPv6 only 2000::/3 is given out at all (RFC 4291 section 2.4).
_NEVER_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",  # the last is a cloud from its inside
        "::/3", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "4000::/2", "8000::/1",
    )
)  # fmt: skip


class AddressRefused(ValueError):
    """This address may not be called; `code` names the rule. A ValueError, for it is lasting."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Unresolvable(Exception):
    """The name has no address just now."""


class Deadline:
    """The moment by which a whole exchange, name look-up included, must be over."""

    __slots__ = ("at",)

    def __init__(self, seconds: float) -> None:
        self.at = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises TimeoutError when there are none."""
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("the total deadline passed")
        return left


class Target(NamedTuple):
    """A URL taken apart once, so that what is judged is what is called; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a kept-alive connection can be used for again."""
        return self.scheme, self.host, self.port


@lru_cache(maxsize=4096)
def read_target(url: str) -> Target:
    """Read an http or https URL; raises AddressRefused for any spelling two parsers could read differently."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused("malformed", "The URL holds a blank, a backslash or a control character.")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise AddressRefused("malformed", "This is not a URL.") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("scheme_refused", "An https address is wanted.")
    if parts.auth is not None:
        raise AddressRefused("userinfo_refused", "The URL must not hold a user name or password.")
    host = (parts.host or "").strip("[]").rstrip(".")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if not host or "%" in host or not port:
        raise AddressRefused("malformed", "The URL has no usable host or port.")
    return Target(parts.scheme, host, port, parts.request_uri)


def is_public(address: Address) -> bool:
    """Whether an address, freed of its IPv4-in-IPv6 disguise, belongs to the public internet."""
    plain = _unwrap(address)
    return plain.is_global and not any(plain in network for network in _NEVER_PUBLIC)


def _unwrap(address: Address) -> Address:
    return getattr(address, "ipv4_mapped", None) or address


class Guard:
    """Decides which addresses may be called. `allow` are networks open to http, https and SFTP on any port."""

    def __init__(self, allow: tuple[Network, ...] = (), resolve: Resolve = socket.getaddrinfo) -> None:
        self._allow = allow
        self._resolve = resolve
        # The system's resolver takes no deadline: names whose servers are silent must not hold up all the others.
        self._look_ups = ThreadPoolExecutor(_MOST_LOOK_UPS, "look-up")

    def check(self, url: str, seconds: float = 3.0) -> Target:
        """Read, resolve and judge a URL without calling it; raises AddressRefused, Unresolvable or TimeoutError."""
        target = read_target(url)
        self._addresses(target, Deadline(seconds))
        return target

    def dial(self, target: Target, deadline: Deadline) -> socket.socket:
        """Connect to an address of `target` that was judged; raises AddressRefused if any one of them is forbidden.

        Raises Unresolvable, TimeoutError, or the OSError of the last address tried.
        """
        failure: OSError = OSError("no address")
        for family, place in self._addresses(target, deadline):
            try:
                return _connect(family, place, min(_CONNECT_SECONDS, deadline.left()))
            except OSError as error:
                failure = error
        raise failure

    def _addresses(self, target: Target, deadline: Deadline) -> list[tuple[int, Any]]:
        pending = self._look_ups.submit(self._resolve, target.host, target.port, type=socket.SOCK_STREAM)
        try:
            found = list(pending.result(deadline.left()))
        except (socket.gaierror, UnicodeError):
            found = []
        finally:
            pending.cancel()  # one that nobody waits for any more holds up no others
        if not found:
            raise Unresolvable(f"{target.host} does not resolve to an address.")
        for _, _, _, _, place in found:
            self._judge(target, ipaddress.ip_address(place[0]))
        return [(family, place) for family, _, _, _, place in found]

    def _judge(self, target: Target, address: Address) -> None:
        if any(_unwrap(address) in network for network in self._allow):
            return
        if not is_public(address):
            raise AddressRefused("address_refused", "The address is not on the public internet.")
        ports = _PUBLIC_PORTS.get(target.scheme)
        if ports is None:
            raise AddressRefused("scheme_refused", "An https address is wanted.")
        if target.port not in ports:
            raise AddressRefused("port_refused", f"Of the ports only {' and '.join(map(str, ports))} may be called.")


def _connect(family: int, place: Any, seconds: float) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect(place)
    except BaseException:
        connection.close()
        raise
    return connection


_guard = Guard()


def open_guard(allow: tuple[Network, ...]) -> None:
    """Let this process call the networks `allow` besides public https; without it nothing else is allowed."""
    global _guard
    _guard = Guard(allow)


def guard() -> Guard:
    """This process's guard."""
    return _guard
