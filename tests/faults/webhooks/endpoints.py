"""The endpoints of the ledger: one of every kind, of two partners and of the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from tests.faults.clients import Door
from tests.faults.installation import Seeded
from tests.faults.webhooks.happened import Listening
from tests.faults.webhooks.journal import Endpoint

AWAY = "bursa-away"
_RATE = 150  # a minute; interactions come faster
_ACTIVE = [{"field": "status", "is": ["active"]}]
_QUICKLY = [1] * 20  # seconds between tries, and more tries than receivers ever spoil
_INTERACTIONS = ("interaction.",)


def registered(base_url: str, receivers_url: str, first: Seeded, second: Seeded) -> Iterator[Endpoint]:
    """Register all of them, each through its owner's door."""
    house = Door(base_url, "intranet", first.inside)
    doors = {each.code: Door(base_url, "extranet", each.outside) for each in (first, second)}
    a, b = doors
    for listening, wishes in (
        (Listening("house"), {}),
        (Listening("house-ordered", is_ordered=True), {"ordered": True}),
        (Listening("house-active", None, ("customer.updated",), _is_active), {"filters": _ACTIVE}),
        (Listening("house-rate", None, _INTERACTIONS, rate_per_minute=_RATE), {"rate_per_minute": _RATE}),
        (Listening(a, a), {}),
        (Listening(f"{a}-thin", a, is_thin=True), {"payload": "thin"}),
        (Listening(AWAY, a), {}),
        (Listening(b, b), {"signatures": ["v1", "v1a"]}),
        (Listening(f"{b}-ordered", b, is_ordered=True), {"ordered": True}),
    ):
        yield _register(doors.get(listening.partner or "", house), receivers_url, listening, wishes)


def _is_active(record: Mapping[str, Any]) -> bool:
    return bool(record["status"] == "active")


def _register(door: Door, receivers_url: str, listening: Listening, wishes: Mapping[str, Any]) -> Endpoint:
    body = {"url": f"{receivers_url}/{listening.name}", "event_types": listening.patterns, "retry_delays": _QUICKLY}
    made = door.make("/webhooks/endpoints", {**body, **wishes})
    return Endpoint(made["id"], listening, door, made["secret"], _published(made["public_keys_url"]))


def _published(url: str | None) -> str | None:
    """The public key that verifies `v1a`, where one is published."""
    if url is None:
        return None
    (key,) = requests.get(url, timeout=5).json()["keys"]
    return str(key["whpk"])
