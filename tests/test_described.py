"""The guard over every test's events: it finds what nobody described."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.event_catalogue import EVENT_TYPES
from tests.described import faults

CUSTOMER = dict(EVENT_TYPES["customer.updated"].example)


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("customer.invented", CUSTOMER),
        ("customer.updated", {**CUSTOMER, "shoe_size": 42}),
        ("customer.updated", {**CUSTOMER, "version": "üç"}),
        ("customer.updated", {name: value for name, value in CUSTOMER.items() if name != "owner"}),
        ("customer.updated", {**CUSTOMER, "contact_points": [{"kind": "email", "secret": 1}]}),
        ("customer.unshared", {"id": CUSTOMER["id"]}),
    ],
)
def test_event_nobody_described_is_found(name: str, record: dict[str, Any]) -> None:
    assert list(faults(name, record)) != []


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_every_example_passes(name: str) -> None:
    assert list(faults(name, dict(EVENT_TYPES[name].example))) == []
