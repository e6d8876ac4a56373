"""A dealer that tells the hub of its own changes at once: signed webhooks as in Standard Webhooks 1.0.0.

Where to knock and the secret stand in files beside the dealer's data; without them it keeps silent.
"""

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.request
from http.client import HTTPException
from pathlib import Path

from demo.keys import kept_in, write_private
from demo.records import Record

_PATIENCE_SECONDS = 5.0
_PREFIX = "whsec_"


class Knocker:
    """Knocks at the hub's door for one dealer."""

    def __init__(self, data: Path, code: str) -> None:
        self._door = _door_file(data, code)
        self._secret = _secret_file(data, code)

    def tell(self, stream: str, record: Record) -> bool:
        """Send one changed record; whether the hub took it. What is lost here comes with the next poll."""
        if not self._door.exists() or not self._secret.exists():
            return False
        body = json.dumps({"type": f"{stream}.changed", stream: [record]}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", **signed(self._secret.read_text(), body)}
        request = urllib.request.Request(self._door.read_text(), body, headers)  # noqa: S310  # written by our own side
        try:
            with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS):  # noqa: S310
                return True
        except (OSError, HTTPException):
            return False


def signed(secret: str, body: bytes) -> dict[str, str]:
    """The headers that prove who sent the body, and when."""
    message_id, timestamp = f"msg_{secrets.token_hex(12)}", str(int(time.time()))
    signed_by = signature(secret, message_id, timestamp, body)
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signed_by}


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and the HMAC of a message; `timestamp` is in Unix seconds."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def new_secret() -> str:
    """A fresh `whsec_` secret."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_in(data: Path, code: str) -> str:
    """The secret that the dealer and the hub share, made at the first call."""
    return kept_in(_secret_file(data, code), new_secret)


def write_door(data: Path, code: str, url: str) -> None:
    """Tell the dealer where to knock."""
    write_private(_door_file(data, code), url)


def _door_file(data: Path, code: str) -> Path:
    return data / f"{code}.door"


def _secret_file(data: Path, code: str) -> Path:
    return data / f"{code}.whsec"
