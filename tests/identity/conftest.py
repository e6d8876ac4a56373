"""People of Eskişehir who may be one, and one turn of what matches them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.identity import jobs
from tests.conftest import Cast

Match = Callable[[], None]
AYSE: dict[str, Any] = {
    "kind": "person",
    "given_name": "Ayşe",
    "family_name": "Yıldırım",
    "birth_date": "1984-03-09",
    "contact_points": [
        {"kind": "phone", "value": "+905321112233"},
        {"kind": "address", "address": {"line1": "Gökmeydan Mah. Menekşe Sok. No:12/3", "city": "Eskişehir"}},
    ],
}
"""Ayşe as one dealer knows her."""
AYSE_AGAIN: dict[str, Any] = {
    "kind": "person",
    "given_name": "AYSE",
    "family_name": "YILDIRIM",
    "contact_points": [
        {"kind": "address", "address": {"line1": "Gökmeydan Mahallesi Menekşe Sokak No 12 D 3", "city": "Eskişehir"}},
    ],
}
"""And as another writes her down: nobody can be sure, for her daughter might bear her name."""


@pytest.fixture
def match(app: object) -> Match:
    """Match what was written, as upkeep does; an event behind another test's open transaction is waited for."""

    def match() -> None:
        end = time.monotonic() + 20
        jobs.follow_changes()
        while _is_behind():
            assert time.monotonic() < end
            time.sleep(0.01)
            jobs.follow_changes()

    return match


def _is_behind() -> bool:
    with transaction(Caller.system("test")) as tx:
        left = tx.raw.execute(
            "SELECT FROM events e LEFT JOIN readers r ON r.name = 'identity' "
            "WHERE r.name IS NULL OR (e.txid, e.position) > (r.txid, r.position) LIMIT 1"
        )
        return left.fetchone() is not None


@pytest.fixture
def pair(cast: Cast, match: Match) -> dict[str, Any]:
    """The one pair in the queue: Ayşe of Eskişehir's and Ayşe of Ankara's."""
    assert cast.eskisehir.post("/customers", AYSE).status_code == 201
    assert cast.ankara.post("/customers", AYSE_AGAIN).status_code == 201
    match()
    [found] = cast.ayse.get("/identity/pairs").get_json()["items"]
    return dict(found)
