"""A log line is one line of JSON that holds no secret, whatever comes from outside."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gateway.log import configure_logs
from tests.conftest import Cast

SECRETS = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsk_abc/def+12==",
    "Bearer abc.def.ghi",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln",
]
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What the log says, line by line."""
    root, written = logging.getLogger(), io.StringIO()
    before, level = root.handlers[:], root.level
    configure_logs("INFO")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:] = before
    root.setLevel(level)


def test_line_is_one_object_with_level_logger_and_time(lines: Lines) -> None:
    logging.getLogger("gateway.x").warning("bell_not_rung", extra={"error": "TimeoutError"})
    (line,) = lines()
    assert (line["event"], line["level"], line["logger"], line["error"]) == (
        "bell_not_rung",
        "warning",
        "gateway.x",
        "TimeoutError",
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("text", ["a\r\nb", "a\nINFO forged", "a\u2028b", "a\x85b", "a\x00b", '"}\n{"event": "forged'])
def test_line_break_from_outside_begins_no_line(lines: Lines, text: str) -> None:
    logging.getLogger("x").warning("seen %s", text, extra={"path": text})
    (line,) = lines()
    assert (line["event"], line["path"]) == (f"seen {text}", text)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "client_secret",
        "Authorization",
        "access_token",
        "client_assertion",
        "api_key",
        "Cookie",
        "X-Api-Key",
        "credentials",
    ],
)
def test_value_with_a_secrets_name_is_blanked(lines: Lines, name: str) -> None:
    logging.getLogger("x").warning("seen", extra={name: "gizli-değer", "headers": {name: ["gizli-değer"]}})
    assert "gizli-değer" not in json.dumps(lines(), ensure_ascii=False)


@pytest.mark.parametrize("secret", SECRETS)
def test_value_with_a_secrets_form_is_blanked_wherever_it_stands(lines: Lines, secret: str) -> None:
    logging.getLogger("x").warning("seen %s", secret, extra={"detail": f"a {secret}", "deep": [{"x": (secret,)}]})
    logged = lines()
    assert secret.removeprefix("Bearer ") not in json.dumps(logged)
    assert "[redacted]" in logged[0]["event"]


@pytest.mark.parametrize("secret", SECRETS)
def test_secret_in_a_traceback_is_blanked(lines: Lines, secret: str) -> None:
    try:
        raise ValueError(f"cannot use {secret}")
    except ValueError:
        logging.getLogger("x").exception("failed")
    logged = lines()
    assert "ValueError: cannot use [redacted]" in logged[0]["exception"]
    assert secret.removeprefix("Bearer ") not in json.dumps(logged)


def test_structlogs_own_lines_have_the_same_form(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(request_id="istek-1")
    logging.getLogger("x").info("seen")
    structlog.contextvars.clear_contextvars()
    assert lines()[0]["request_id"] == "istek-1"


def test_failure_is_logged_with_its_request_and_without_its_body(
    lines: Lines, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.customers.service.create", lambda *_: 1 / 0)
    body = {"kind": "person", "given_name": "Gizli Ad"}
    cast.ankara.post("/customers", body, headers={"X-Request-Id": "istek-1"})
    logged = [line for line in lines() if line["event"] == "request_failed"]
    assert [(line["request_id"], line["path"]) for line in logged] == [("istek-1", "/extranet/v1/customers")]
    assert "ZeroDivisionError" in logged[0]["exception"]
    assert [word for word in ("Gizli Ad", cast.ankara.token) if word in json.dumps(logged, ensure_ascii=False)] == []
