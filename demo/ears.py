"""Where the hub tells a dealer of changes: messages signed as in Standard Webhooks 1.0.0, the newest of them kept."""

import hmac
import json
import time
from collections import deque
from collections.abc import Mapping
from email.message import Message
from pathlib import Path
from threading import Lock

from demo.keys import kept_in
from demo.knocks import new_secret, signature
from demo.records import Record

PATH = "/kanca"
_MOST_KEPT = 50
_TOLERANCE_SECONDS = 300


class Ears:
    """Takes messages in, each once; one that is not surely the hub's is not taken."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._heard: deque[Record] = deque(maxlen=_MOST_KEPT)
        self._lock = Lock()

    def hear(self, headers: Mapping[str, str] | Message, body: bytes) -> bool:
        """Whether the hub sent this within the last five minutes; what was heard before is not kept again."""
        message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        given = headers.get("webhook-signature", "").split(" ")
        expected = signature(self._secret, message_id, timestamp, body)
        is_good = any(hmac.compare_digest(expected.encode(), each.encode()) for each in given)
        if not is_good or abs(time.time() - int(timestamp)) > _TOLERANCE_SECONDS:
            return False
        message = json.loads(body)
        with self._lock:
            if all(message["id"] != each["id"] for each in self._heard):
                self._heard.append(message)
        return True

    def heard(self) -> list[Record]:
        """What was heard since the start, the newest last."""
        with self._lock:
            return list(self._heard)


def secret_for(data: Path, code: str) -> str:
    """The secret that the hub signs with for this dealer, made at the first call."""
    return kept_in(data / f"{code}.ear", new_secret)
