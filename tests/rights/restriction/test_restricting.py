"""Restricted data is kept and not used, and the person knows before that ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.db import now, transaction
from gateway.rights.restriction import service
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, rows


@pytest.fixture
def case(cast: Cast) -> dict[str, Any]:
    """Cem's restriction, in force."""
    case_id = cast.cem.post("/rights-requests", {"kind": "restriction", "note": "Doğruluğu tartışmalı"}).get_json()[
        "id"
    ]
    answer = cast.ayse.post(f"/rights-requests/{case_id}/start")
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def announced(cast: Cast, days: float = 3.1) -> Any:
    at = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    return cast.ayse.post(f"/customers/{cast.cem_id}/restriction/lifting", {"reason": "İnceleme bitti", "at": at})


def may_be_contacted(cast: Cast) -> bool:
    noon = datetime.now(UTC).replace(hour=9, minute=0) + timedelta(days=1)
    asked = {"customer_id": str(cast.cem_id), "channel": "email", "purpose": "service", "at": noon.isoformat()}
    answer = cast.ayse.post("/contact-decisions", asked)
    assert answer.status_code == 200, answer.text
    return bool(answer.get_json()["allowed"])


def test_a_restricted_customer_is_not_contacted(cast: Cast, case: dict[str, Any]) -> None:
    assert case["status"] == "completed"
    assert not may_be_contacted(cast)


def test_partners_that_have_the_record_are_told_and_named(cast: Cast, case: dict[str, Any]) -> None:
    assert case["result"]["passed_on_to"] == ["eskisehir"]
    told = cast.eskisehir.events("type=restriction.*")
    assert [(each["type"], each["data"]["customer_id"]) for each in told] == [("restriction.began", str(cast.cem_id))]
    assert cast.ankara.events("type=restriction.*") == []


def test_nobody_lifts_it_by_hand(cast: Cast, case: dict[str, Any]) -> None:
    path = f"/customers/{cast.cem_id}/contact-preferences"
    answer = cast.ayse.patch(path, {"restricted": False}, 1)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "processing_restricted")


def test_it_is_not_lifted_sooner_than_three_days_from_now(cast: Cast, case: dict[str, Any]) -> None:
    answer = announced(cast, days=2.9)
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, "/at")


def test_the_person_is_told_before_it_is_lifted(cast: Cast, case: dict[str, Any]) -> None:
    assert announced(cast).status_code == 200
    shown = cast.cem.get("/restriction").get_json()
    assert (shown["lift_reason"], shown["lifted_at"]) == ("İnceleme bitti", None)
    types = [each["type"] for each in cast.cem.events("type=restriction.*")]
    assert types == ["restriction.began", "restriction.lifting_announced"]


def test_it_is_lifted_when_its_time_has_come_and_not_before(cast: Cast, case: dict[str, Any]) -> None:
    announced(cast)
    with transaction(SYSTEM) as tx:
        assert service.lift_due(tx, now() + timedelta(days=3)) == 0
        assert service.lift_due(tx, now() + timedelta(days=4)) == 1
    assert rows("SELECT is_restricted FROM contact_preferences") == [(False,)]
    assert cast.eskisehir.events("type=restriction.lifted") != []


def test_nobody_sees_the_restriction_of_somebody_else(cast: Cast) -> None:
    assert cast.cem.get("/restriction").status_code == 404
    other = cast.ayse.post("/customers", {"kind": "person", "given_name": "Şule"}).get_json()["id"]
    case_id = cast.ayse.post("/rights-requests", {"kind": "restriction", "customer_id": other}).get_json()["id"]
    cast.ayse.post(f"/rights-requests/{case_id}/start")
    assert cast.cem.get("/restriction").status_code == 404
    assert cast.ayse.get(f"/customers/{other}/restriction").status_code == 200
