"""Cem, shared with Eskişehir alone, and with whom consent is recorded and decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Api, Cast

PROOF = {"text": "Kampanyalardan haberdar olmak istiyorum."}
NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
"""Noon of tomorrow in Istanbul, when nothing is quiet."""


def consents(cast: Cast) -> str:
    """Where Cem's statements stand."""
    return f"/customers/{cast.cem_id}/consents"


def say(api: Api, cast: Cast, decision: str = "granted", **more: Any) -> dict[str, Any]:
    """Record that Cem said something about marketing."""
    said: dict[str, Any] = {"purpose": "marketing", "decision": decision, **more}
    if api is cast.eskisehir:
        said = {"evidence": PROOF, **said}
    answer = api.post(consents(cast), said)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def ask(api: Api, cast: Cast, **more: Any) -> dict[str, Any]:
    """Ask whether Cem may be sent e-mail about offers at noon."""
    asked = {"customer_id": str(cast.cem_id), "channel": "email", "purpose": "marketing", "at": NOON.isoformat()}
    answer = api.post("/contact-decisions", asked | more)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def codes(decision: dict[str, Any]) -> list[str]:
    """What stands against a contact."""
    return [each["code"] for each in decision["reasons"]]


@pytest.fixture
def points(cast: Cast) -> dict[str, str]:
    """Cem's contact points by kind."""
    shown = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    return {each["kind"]: each["id"] for each in shown}
