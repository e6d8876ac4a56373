"""What an owner wishes of an endpoint, put on its row: each wish checked, what is secret sealed."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from gateway import guarded
from gateway.channels import Channel
from gateway.db import Transaction
from gateway.errors import Invalid, Unavailable, refuse_field
from gateway.webhooks import filters
from gateway.webhooks.catalogue.registered import names_on
from gateway.webhooks.endpoints import access, headers
from gateway.webhooks.models import Endpoint
from gateway.webhooks.patterns import is_known, types_on

_PLAIN = (
    "url", "event_types", "description", "payload", "filters", "rate_per_minute", "is_ordered", "retry_delays",
    "hold_hours", "status",
)  # fmt: skip


# A name whose servers are silent holds a thread for seconds: never so many that nobody else is answered.
_MOST_LOOK_UPS = 2
_room = threading.BoundedSemaphore(_MOST_LOOK_UPS)


def check_addresses(present_url: str, wishes: dict[str, Any]) -> None:
    """Judge the addresses among loaded wishes that are new; raises Invalid, with pointers, or Unavailable.

    To be done before anything is locked: it may take seconds.
    """
    if wishes.get("url", present_url) != present_url:
        _check_address("/url", wishes["url"])
    if token_url := (wishes.get("auth") or {}).get("token_url"):
        _check_address("/auth/token_url", token_url)


def put(tx: Transaction, endpoint: Endpoint, wishes: dict[str, Any]) -> list[str]:
    """Put loaded wishes, their addresses judged, on an endpoint; answers what has changed by it.

    Raises Invalid, with pointers.
    """
    if "event_types" in wishes:
        wishes = {**wishes, "event_types": _usable_types(tx, wishes["event_types"], Channel(endpoint.channel))}
    if errors := filters.check(wishes.get("filters", [])):
        raise Invalid(errors=errors)
    changed = [name for name in _PLAIN if name in wishes and getattr(endpoint, name) != wishes[name]]
    if "url" in changed:
        _keep_secrets_here(endpoint, wishes)
    for name in changed:
        setattr(endpoint, name, wishes[name])
    changed += [name for name in ("headers", "auth") if name in wishes and _PUT[name](endpoint, wishes[name])]
    _check_together(endpoint)
    return changed


def _put_headers(endpoint: Endpoint, given: dict[str, Any] | None) -> bool:
    present = headers.opened(endpoint.id, endpoint.headers_sealed)
    wished = headers.merged(present, given)
    if wished == present:
        return False
    endpoint.headers_sealed = headers.seal(endpoint.id, wished)
    return True


def _put_access(endpoint: Endpoint, given: dict[str, Any] | None) -> bool:
    if given is None:
        was_there = endpoint.access is not None
        endpoint.access = endpoint.access_sealed = None
        return was_there
    endpoint.access, endpoint.access_sealed = access.shown(given), access.seal(endpoint.id, given)
    return True


_PUT = {"headers": _put_headers, "auth": _put_access}


def _keep_secrets_here(endpoint: Endpoint, wishes: dict[str, Any]) -> None:
    """No secret follows to another server, else whoever may change an endpoint could have it sent to themselves."""
    if _origin(endpoint.url) == _origin(wishes["url"]):
        return
    given = wishes.get("headers", {})
    spoken_of = {name.lower() for name in given or {}}
    left = [] if given is None else [name for name in header_names(endpoint) if name.lower() not in spoken_of]
    if left or (endpoint.access is not None and "auth" not in wishes):
        message = "Secrets do not follow to another server: give `auth` and each of `headers` again, or null."
        raise refuse_field("/url", "secrets_stay", message)


def _check_together(endpoint: Endpoint) -> None:
    kind = (endpoint.access or {}).get("type")
    if kind == "mtls" and not endpoint.url.lower().startswith("https:"):
        raise refuse_field("/auth", "invalid", "A certificate can only be shown to an https address.")
    if kind == "oauth2" and "authorization" in {name.lower() for name in header_names(endpoint)}:
        raise refuse_field("/headers/Authorization", "invalid", "The token of `auth` goes into this header.")


def header_names(endpoint: Endpoint) -> list[str]:
    """The names of the headers an endpoint wants, whose values nobody is shown."""
    return sorted(headers.opened(endpoint.id, endpoint.headers_sealed))


def _origin(url: str) -> tuple[str, str, int] | None:
    try:
        return guarded.read_target(url).origin
    except guarded.AddressRefused:  # it was taken in when less was known of addresses
        return None


def _usable_types(tx: Transaction, event_types: Iterable[str], channel: Channel) -> list[str]:
    types, registered = list(dict.fromkeys(event_types)), names_on(tx, channel)
    known = f"Known are {', '.join(types_on(channel, registered))}."
    errors = [
        {"pointer": f"/event_types/{place}", "code": "unknown_event", "message": known}
        for place, pattern in enumerate(types)
        if not is_known(pattern, channel, registered)
    ]
    if errors:
        raise Invalid(errors=errors)
    return types


def _check_address(pointer: str, url: str) -> None:
    if not _room.acquire(blocking=False):
        raise Unavailable("Other addresses are being looked up; try again in a moment.", headers={"Retry-After": "3"})
    try:
        guarded.guard().check(url)
    except guarded.AddressRefused as refused:
        raise refuse_field(pointer, refused.code, str(refused)) from None
    except (guarded.Unresolvable, TimeoutError):
        raise refuse_field(pointer, "unresolvable", "The host does not resolve to an address.") from None
    finally:
        _room.release()
