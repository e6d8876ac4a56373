"""What the receivers wrote down, every signature checked by others' verifiers."""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from tests.faults.clients import Door
from tests.faults.webhooks.happened import Arrival, Listening


@dataclass(frozen=True)
class Endpoint:
    """An endpoint that is there, as its owner and as the books know it."""

    id: str
    listening: Listening
    door: Door
    secret: str
    public: str | None = None

    def verify(self, headers: dict[str, str], body: bytes) -> None:
        """Raises unless every signature there should be is there and good, by verifiers that are not ours."""
        Webhook(self.secret).verify(body, headers)
        if self.public is not None:
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            (said,) = (each[4:] for each in headers["webhook-signature"].split() if each.startswith("v1a,"))
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(self.public.removeprefix("whpk_")))
            key.verify(base64.b64decode(said), signed)


class Journal:
    """What the receivers wrote down, read as it grows: a signature is good for five minutes only."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0
        self.endpoints: dict[str, Endpoint] = {}
        self.arrivals: dict[int, Arrival] = {}
        self.moods: Counter[str] = Counter()

    def read(self) -> None:
        """Take in what has been written since the last time."""
        with self._path.open("rb") as file:
            file.seek(self._read)
            for line in file:
                if line.endswith(b"\n"):
                    self._read += len(line)
                    self._take(json.loads(line))

    def _take(self, line: dict[str, Any]) -> None:
        if (number := line.get("good")) is not None:
            self.arrivals[number] = replace(self.arrivals[number], good_at=line["at"])
            return
        endpoint, body = self.endpoints[line["path"].removeprefix("/")], base64.b64decode(line["body"])
        endpoint.verify(line["headers"], body)
        webhook_id = line["headers"]["webhook-id"]
        self.arrivals[line["number"]] = Arrival(endpoint.listening.name, webhook_id, body, line["at"])
        self.moods[line["mood"]] += 1

    def in_order(self) -> list[Arrival]:
        """All that has arrived, as it came."""
        return [arrival for _, arrival in sorted(self.arrivals.items())]
