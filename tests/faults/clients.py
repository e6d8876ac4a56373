"""Callers that do not give up: each repeats a POST under its Idempotency-Key until it is answered with 201."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import requests

from tests.faults.installation import Installation, Seeded

_TIMEOUT_SECONDS = 10.0
_PATIENCE_SECONDS = 60.0
_MAY_REPEAT = (409, 503)


class Door:
    """One client on one channel, with a token."""

    def __init__(self, base_url: str, channel: str, client: tuple[str, str]) -> None:
        self.base = f"{base_url}/{channel}/v1"
        self.session = requests.Session()
        answer = self.session.post(
            f"{base_url}/oauth/token", data={"grant_type": "client_credentials"}, auth=client, timeout=_TIMEOUT_SECONDS
        )
        assert answer.status_code == 200, answer.text
        self.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def get(self, path: str) -> Any:
        """GET, and its JSON."""
        answer = self.session.get(f"{self.base}{path}", timeout=_TIMEOUT_SECONDS)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: dict[str, Any] | None = None, key: str | None = None) -> requests.Response:
        """POST, under a key where one is given."""
        headers = {"Idempotency-Key": key} if key else {}
        return self.session.post(f"{self.base}{path}", json=body, headers=headers, timeout=_TIMEOUT_SECONDS)

    def make(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """POST that must succeed, and its JSON."""
        answer = self.post(path, body)
        assert answer.status_code in (201, 202), answer.text
        return answer.json()


class Poster(threading.Thread):
    """Records interactions, one after the other, and remembers what was acknowledged."""

    def __init__(self, name: str, door: Door, customers: list[str], most: int | None = None) -> None:
        super().__init__(name=name, daemon=True)
        self.most = most
        self.slowest_seconds = 0.0
        self.door = door
        self.customers = customers
        self.acknowledged: dict[str, str] = {}
        self.answers: Counter[str] = Counter()
        self.faults: list[str] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Go on until told that it is over; what was begun is ended first."""
        for number in count() if self.most is None else range(self.most):
            if self.over.is_set() or self.faults:
                return
            self._record(f"{self.name}-{number}", self.customers[number % len(self.customers)])

    def _record(self, key: str, customer: str) -> None:
        body = {"customer_id": customer, "channel": "store", "kind": "inquiry", "direction": "in", "subject": key}
        body |= {"body": "Sedan soruyor; rengi ışıltılı gümüş olsun istiyor."}
        end = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < end:
            started = time.monotonic()
            try:
                answer = self.door.post("/interactions", body, key)
                self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - started)
            except requests.RequestException as error:
                self.answers[type(error).__name__] += 1
                time.sleep(0.05)
                continue
            if self._judge(key, answer):
                return
        self.faults.append(f"{key} had no answer in {_PATIENCE_SECONDS} s")

    def _judge(self, key: str, answer: requests.Response) -> bool:
        """Whether this ends the attempts; the first answer counts, and a repeated one must be the same."""
        replayed = " replayed" if answer.headers.get("Idempotent-Replayed") else ""
        self.answers[f"{answer.status_code}{replayed}"] += 1
        if answer.status_code == 201:
            self.acknowledged[key] = answer.json()["id"]
            return True
        if answer.status_code in _MAY_REPEAT and "Retry-After" in answer.headers:
            time.sleep(0.05)
            return False
        self.faults.append(f"{key} was answered {answer.status_code}, {dict(answer.headers)}: {answer.text[:500]}")
        return True


@contextmanager
def posting(
    installation: Installation, partner: Seeded, threads: int = 3, most: int | None = None
) -> Iterator[list[Poster]]:
    """Callers at work for the length of the block, or until each has made the `most`; in the end all are answered."""
    posters = [
        Poster(
            f"{partner.code}-{number}",
            Door(installation.base_url, "extranet", partner.outside),
            partner.customers,
            most,
        )
        for number in range(threads)
    ]
    for poster in posters:
        poster.start()
    try:
        yield posters
    finally:
        for poster in posters:
            if most is None:
                poster.over.set()
        installation.wait(lambda: not any(each.is_alive() for each in posters), 70, "the callers have their answers")
    faults = [fault for each in posters for fault in each.faults]
    assert not faults, f"{faults}; logs: {installation.last_words()}"


def acknowledged_by(posters: list[Poster]) -> dict[str, str]:
    """Everything that was acknowledged: the id of each interaction by its key."""
    return {key: found for each in posters for key, found in each.acknowledged.items()}


def answers_to(posters: list[Poster]) -> Counter[str]:
    """How often each answer was given, lost connections by the name of their error."""
    return sum((each.answers for each in posters), Counter())
