"""Headers of an endpoint's own: checked, merged by name, sealed, and opened for sending alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from uuid import UUID

import orjson

from gateway import vault
from gateway.errors import FieldError, Invalid

MOST_HEADERS = 20
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")  # RFC 9110 section 5.6.2
_VALUE = re.compile(r"[!-~](?:[ -~]{0,1998}[!-~])?")
# What frames the message, says whose it is, or is ours to say.
_OURS = re.compile(
    r"host|content-.*|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|accept-encoding"
    r"|webhook-.*|svix-.*|traceparent|tracestate|user-agent",
    re.IGNORECASE,
)


def merged(present: Mapping[str, str], given: Mapping[str, object] | None) -> dict[str, str]:
    """The headers after a patch, whose names count whatever their case; null removes one, or all.

    Raises Invalid with a pointer for each that cannot be sent.
    """
    if errors := list(_faults(given or {})):
        raise Invalid(errors=errors)
    spoken_of = {name.lower() for name in given or {}}
    kept = (
        {name: value for name, value in present.items() if name.lower() not in spoken_of} if given is not None else {}
    )
    result = kept | {name: value for name, value in (given or {}).items() if isinstance(value, str)}
    if len(result) > MOST_HEADERS:
        raise Invalid(errors=[_error("", f"At most {MOST_HEADERS} headers.")])
    return result


def seal(endpoint_id: UUID, headers: Mapping[str, str]) -> str | None:
    """Headers as they are stored, for this endpoint alone; None where there are none."""
    return vault.seal(orjson.dumps(headers).decode(), bound_to(endpoint_id)) if headers else None


@lru_cache(maxsize=4096)
def opened(endpoint_id: UUID, sealed: str | None) -> Mapping[str, str]:
    """The headers to send; raises SealBroken."""
    return dict(orjson.loads(vault.unseal(sealed, bound_to(endpoint_id)))) if sealed else {}


def bound_to(endpoint_id: UUID) -> str:
    """The place they are sealed for."""
    return f"webhook_endpoint:{endpoint_id}:headers"


def _faults(given: Mapping[str, object]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for name, value in given.items():
        if not _NAME.fullmatch(name):
            yield _error(name, "A header's name is 1 to 64 letters, digits and marks of RFC 9110.")
        elif _OURS.fullmatch(name):
            yield _error(name, "This header is not yours to set.", "header_refused")
        elif name.lower() in seen:
            yield _error(name, "This header stands here twice.")
        elif value is not None and not (isinstance(value, str) and _VALUE.fullmatch(value)):
            yield _error(name, "A value is 1 to 2,000 characters of printable ASCII, with no blank at its ends.")
        seen.add(name.lower())


def _error(name: str, message: str, code: str = "invalid") -> FieldError:
    place = f"/{name.replace('~', '~0').replace('/', '~1')}" if name else ""
    return {"pointer": f"/headers{place}", "code": code, "message": message}
