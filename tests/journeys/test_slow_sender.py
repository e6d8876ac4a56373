"""Senders that stall, and senders that never end, against the web server as it runs."""

import socket
import time
from typing import Any

import pytest
import requests

JSON = {"Content-Type": "application/json"}
HEAD = b"POST /oauth/token HTTP/1.1\r\nHost: kopru\r\nContent-Type: application/x-www-form-urlencoded\r\n"


def test_sixty_stalled_bodies_hold_up_nobody(web: str) -> None:
    host, _, port = web.removeprefix("http://").rpartition(":")
    stalled = [socket.create_connection((host, int(port))) for _ in range(60)]
    try:
        for each in stalled:
            each.sendall(HEAD + b"Content-Length: 100\r\n\r\nabc")
        started = time.monotonic()
        answers = [requests.get(f"{web}/livez", timeout=10).status_code for _ in range(5)]
        assert (answers, time.monotonic() - started < 8) == ([200] * 5, True)
    finally:
        for each in stalled:
            each.close()


@pytest.mark.parametrize("declares_length", [True, False])
def test_body_over_the_limit_is_a_413(web: str, portal: dict[str, str], declares_length: bool) -> None:
    body = b" " * (1024 * 1024 + 1)
    sent: Any = body if declares_length else iter([body[:70_000]] * 20)
    answer = requests.post(f"{web}/intranet/v1/customers", data=sent, timeout=20, headers=portal | JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
