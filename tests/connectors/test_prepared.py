"""A call is prepared as `requests` itself would prepare it."""

from __future__ import annotations

from typing import Any

import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.wire.call import Call, prepared

HOSTS = st.text("aZ09-._:@[]İ ", max_size=8) | st.sampled_from(["127.0.0.1", "bayi.example", "bayi.example:8443"])
PATHS = st.lists(st.text("aZ09-._~%/?#;=+ ğ\\", max_size=5) | st.sampled_from([".", "..", "C-17"]), max_size=4)
SESSION = {"User-Agent": "Kopru", "Accept": "application/json"}


def proof(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """A signature over what is sent."""
    request.headers["Signature"] = f"{request.method} {request.url} {len(request.body or b'')}"
    return request


def outcome(prepare: Any) -> Any:
    """What is sent, or what is wrong with it."""
    try:
        request = prepare()
    except ValueError as wrong:
        return type(wrong)
    return request.method, request.url, dict(request.headers), request.body


@settings(max_examples=300)
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PATCH", "DELETE"]),
    scheme=st.sampled_from(["http://", "https://", "HTTP://"]), host=HOSTS, path=PATHS,
    params=st.none() | st.dictionaries(st.text("ab ğ&", max_size=3), st.text("ab ğ&", max_size=3), max_size=2),
    content=st.none() | st.binary(max_size=3),
)  # fmt: skip
@example("GET", "http://", "127.0.0.1:80", ["customers", "C-17"], None, None)
@example("GET", "http://", "a:99999", ["x"], None, None)
@example("GET", "http://", "a:0080", ["x"], None, None)
@example("GET", "http://", "a", ["x", "..", "y"], None, None)
@example("GET", "http://", "a", [], None, None)
@example("POST", "http://", "a", ["x\n"], None, b"")
def test_call_is_sent_as_requests_would_send_it(
    method: str, scheme: str, host: str, path: list[str], params: dict[str, str] | None, content: bytes | None
) -> None:
    url = f"{scheme}{host}" + "".join(f"/{part}" for part in path)
    call = Call(method, url, params, content, {"X-Api-Key": "1"}, proof)
    theirs = requests.Request(
        method, url, params=params, data=content, headers={**SESSION, "X-Api-Key": "1"}, auth=proof
    )
    assert outcome(lambda: prepared(call, SESSION)) == outcome(theirs.prepare)
