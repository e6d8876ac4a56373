"""What docs/webhooks.md gives a receiver to verify with accepts what we sign, and nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.webhooks.endpoints.signature import headers, new_key

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"data": {"given_name": "Işıl"}}'.encode()
SECRET = new_key("v1")
Genuine = Callable[[str, dict[str, str], bytes], bool]


@pytest.fixture(scope="module")
def is_genuine() -> Genuine:
    """The page's own function."""
    [source] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    namespace: dict[str, Any] = {}
    exec(source, namespace)  # noqa: S102  # the page's own code
    found: Genuine = namespace["is_genuine"]
    return found


def test_what_is_signed_now_is_genuine_also_while_keys_overlap(is_genuine: Genuine) -> None:
    for signing in ([SECRET], [new_key("v1"), SECRET]):
        assert is_genuine(SECRET, headers(signing, "msg_1", int(time.time()), BODY), BODY)


def test_other_bytes_another_secret_and_an_old_message_are_not(is_genuine: Genuine) -> None:
    sent = headers([SECRET], "msg_1", int(time.time()), BODY)
    assert not is_genuine(SECRET, sent, BODY + b" ")
    assert not is_genuine(new_key("v1"), sent, BODY)
    assert not is_genuine(SECRET, sent | {"webhook-signature": "v1,şüpheli"}, BODY)
    assert not is_genuine(SECRET, headers([SECRET], "msg_1", int(time.time()) - 600, BODY), BODY)
