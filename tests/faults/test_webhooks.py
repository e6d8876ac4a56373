"""A dispatcher killed between sending and recording: the message comes again, under the same id."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler

import pytest

from tests.faults.books import books
from tests.faults.clients import Door, posting
from tests.faults.installation import Installation, Seeded
from tests.webhooks.receiver import Receiver, answer

pytestmark = pytest.mark.faults

KILLS, EVERY, EACH = 4, 14, 40


class KillingReceiver:
    """Takes every message, and now and then kills whoever sent it before it can hear the answer."""

    def __init__(self, installation: Installation, receiver: Receiver) -> None:
        self.installation = installation
        self.receiver = receiver
        self.kills: list[str] = []
        self._lock = threading.Lock()

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            is_time = len(self.kills) < KILLS and len(self.receiver.messages) >= EVERY * (len(self.kills) + 1)
            if is_time and (worker := self.installation.worker("webhooks")):
                os.kill(worker, signal.SIGKILL)
                self.kills.append(handler.headers["webhook-id"])
        answer(204)(handler)


def test_message_whose_sender_died_comes_again_under_the_same_id(
    installation: Installation, partner: Seeded, receiver: Receiver
) -> None:
    receiver.answering = killing = KillingReceiver(installation, receiver)
    Door(installation.base_url, "extranet", partner.outside).make(
        "/webhooks/endpoints", {"url": receiver.url, "event_types": ["interaction.created"]}
    )
    with posting(installation, partner, threads=2, most=EACH) as posters:
        installation.wait(lambda: len(killing.kills) == KILLS, 60, "the dispatcher has been killed often enough")
    installation.wait(
        lambda: not books(installation, partner, posters, receiver.messages).differences(), 60, "all told"
    )

    def told_once() -> list[str]:
        times = Counter(books(installation, partner, posters, receiver.messages).heard)
        return [webhook_id for webhook_id in killing.kills if times[webhook_id] < 2]

    # All have been heard before the last killed sender's lease is over.
    installation.wait(lambda: not told_once(), 60, "told again what killed senders had told")
    ledger = books(installation, partner, posters, receiver.messages)
    print(f"\n{KILLS} kills; {ledger.counts()}")  # noqa: T201
    assert (ledger.differences(), told_once()) == ([], [])
