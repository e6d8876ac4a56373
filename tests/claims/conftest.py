"""Işıl, whom dealers claim: known to the house or to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway import process
from gateway.channels import Caller
from gateway.claims import due
from gateway.config import Settings
from gateway.db import transaction
from tests.conftest import Api, Cast

RACERS = 16
ISIL: dict[str, Any] = {
    "kind": "person",
    "given_name": "Işıl",
    "family_name": "Öğütçü",
    "contact_points": [{"kind": "phone", "value": "+905321112233"}],
}
PROOF = {"kind": "reference", "reference": "Teklif 118", "dated_at": "2026-01-05T09:00:00Z"}


def claim(api: Api, *, submit: bool = True, **said: Any) -> dict[str, Any]:
    """Have a partner claim Işıl, or the customer that is said."""
    body = {"submit": submit, "scope": "Sedan", "evidence": [PROOF], **said}
    if "customer_id" not in said:
        body.setdefault("person", ISIL)
    answer = api.post("/claims", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def act(cast: Cast, made: dict[str, Any], what: str, **said: Any) -> dict[str, Any]:
    """Have the house do something with a claim."""
    answer = cast.ayse.post(f"/claims/{made['id']}/{what}", said)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def approve(cast: Cast, made: dict[str, Any], **said: Any) -> dict[str, Any]:
    """Take a claim up and approve it."""
    act(cast, made, "review")
    return act(cast, made, "approve", **said)


def seen(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    """The claim as its partner sees it."""
    return dict(api.get(f"/claims/{made['id']}").get_json())


def inside(cast: Cast, made: dict[str, Any]) -> dict[str, Any]:
    """The same inside."""
    return seen(cast.ayse, made)


def settle(moment: datetime) -> int:
    """Have upkeep come by at a moment."""
    with transaction(Caller.system("test")) as tx:
        return due.settle_due(tx, moment)


def moment_of(form: dict[str, Any], name: str) -> datetime:
    """One of the moments that are shown."""
    return datetime.fromisoformat(form[name])


def days(count: float) -> datetime:
    """So many days from now."""
    return datetime.now(UTC) + timedelta(days=count)


@pytest.fixture
def isil(cast: Cast) -> str:
    """Işıl, known to the house alone."""
    return str(cast.ayse.post("/customers", ISIL).get_json()["id"])


@pytest.fixture
def connections(settings: Settings) -> Iterator[None]:
    """A database with a connection for each racer at once."""
    process.open_all(settings, connections=RACERS, statement_seconds=30)
    yield
    process.open_all(settings)
