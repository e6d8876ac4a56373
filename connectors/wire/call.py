"""One request to a partner, and how it is prepared for `requests`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from connectors.wire.auth import Proof

# What `requests` would leave as it is, after it has spent a tenth of the call on finding that out.
_PLAIN = re.compile(
    r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it is sent again after a redirect or with fresh credentials; one that `reads` changes nothing."""

    method: str
    url: str
    params: Mapping[str, Any] | None
    content: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    proof: Proof = field(repr=False)
    reads: bool = False


def prepared(call: Call, headers: Mapping[str, str | bytes]) -> requests.PreparedRequest:
    """The call as `requests` prepares it, without asking what a body of bytes or a plain address may be."""
    request = requests.PreparedRequest()
    request.prepare_method(call.method)
    if not call.params and _PLAIN.fullmatch(call.url):
        request.url = call.url
    else:
        request.prepare_url(call.url, call.params)
    request.prepare_headers({**headers, **call.headers})
    request.body = call.content or None
    request.prepare_content_length(request.body)
    request.prepare_auth(call.proof, call.url)
    return request
