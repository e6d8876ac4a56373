"""Messages and attempts as they are shown."""

from __future__ import annotations

import base64
from typing import Any

import orjson

from gateway.db import Transaction
from gateway.webhooks.messages import search, service
from gateway.webhooks.models import Attempt, Delivery


def show_message(stored: dict[str, Any]) -> dict[str, Any]:
    """A message by its columns; only what waits has a next attempt."""
    due_at = stored.pop("due_at")
    count = stored.pop("attempts")
    waits = stored["status"] == "pending"
    return {**stored, "attempt_count": count, "next_attempt_at": due_at if waits else None}


def show(message: Delivery) -> dict[str, Any]:
    """A message as it is shown in a list."""
    return show_message({name: getattr(message, name) for name in search.MESSAGE})


def show_whole(tx: Transaction, message: Delivery) -> dict[str, Any]:
    """A message with its body, as the caller may see it now, and its newest attempts."""
    body = service.body_shown(tx, message)
    return show(message) | {
        "payload": None if body is None else orjson.loads(body),
        "attempts": [show_attempt(each) for each in service.attempts_of(tx, message)],
    }


def show_attempt(attempt: Attempt) -> dict[str, Any]:
    """An attempt with what the receiver answered: text where it is UTF-8, else base64."""
    body, is_base64 = _readable(attempt.response_body)
    answer = {"response_headers": attempt.response_headers, "response_body": body, "is_base64": is_base64}
    return {name: getattr(attempt, name) for name in search.ATTEMPT} | answer


def _readable(body: bytes | None) -> tuple[str | None, bool]:
    if body is None:
        return None, False
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), True
