"""A dealer's own staff at work in their system: one request, asked again while the system has one of its moods."""

from __future__ import annotations

import time
from typing import Any

import requests

TRIES = 5
_WAIT_SECONDS, _PATIENCE_SECONDS = 0.3, 10.0


class SystemDown(Exception):
    """The dealer's system did not answer, or failed, every time it was asked."""


def ask(url: str, headers: dict[str, str], method: str, path: str, body: Any = None) -> requests.Response:
    """The answer of a dealer's system, a refusal too; raises SystemDown. A POST is never sent twice."""
    tries = 1 if method == "POST" else TRIES
    for left in reversed(range(tries)):
        try:
            answer = requests.request(method, f"{url}{path}", headers=headers, json=body, timeout=_PATIENCE_SECONDS)
            if answer.status_code < 500:
                return answer
            problem = answer.text
        except requests.RequestException as error:
            problem = type(error).__name__
        if left:
            time.sleep(_WAIT_SECONDS)
    raise SystemDown(f"{url} was asked {tries} times: {problem}")
