"""What the house lays down, and what customers want."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast


def test_rules_are_there_before_anybody_sets_them(cast: Cast) -> None:
    shown = cast.eskisehir.get("/contact-rules")
    assert shown.headers["ETag"].startswith('"0-')
    assert shown.get_json()["caps"] == [{"purpose": "marketing", "channel": None, "most": 3, "days": 7}]
    assert shown.get_json()["time_zone"] == "Europe/Istanbul"


def test_rules_are_changed_list_by_list(cast: Cast) -> None:
    changed = cast.ayse.patch("/contact-rules", {"quiet_hours": []}, version=0).get_json()
    assert (changed["quiet_hours"], len(changed["caps"]), changed["version"]) == ([], 1, 1)
    assert cast.ayse.patch("/contact-rules", {"caps": []}, version=0).status_code == 412
    assert cast.ayse.patch("/contact-rules", {"caps": []}, version=1).get_json()["version"] == 2


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"caps": [{"most": 1}]}, "/caps/0/days"),
        ({"caps": [{"most": 1, "days": 1, "purpose": "yok"}]}, "/caps/0/purpose"),
        ({"quiet_hours": [{"from": "21:00"}]}, "/quiet_hours/0/until"),
        ({"quiet_hours": [{"from": "24:00", "until": "09:00"}]}, "/quiet_hours/0/from"),
        ({"time_zone": "Eskişehir"}, "/time_zone"),
    ],
)
def test_rule_that_makes_no_sense_is_refused_by_its_place(cast: Cast, wish: dict[str, Any], pointer: str) -> None:
    refused = cast.ayse.patch("/contact-rules", wish, version=0)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_customer_says_how_they_would_like_to_be_contacted(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}/contact-preferences"
    wish = {"preferred_channel": "email", "quiet_hours": [{"from": "12:00", "until": "14:00", "days": ["sun"]}]}
    assert cast.cem.patch(path, wish, version=0).get_json()["version"] == 1
    seen = cast.eskisehir.get(path).get_json()
    assert (seen["preferred_channel"], seen["quiet_hours"]) == (wish["preferred_channel"], wish["quiet_hours"])
    assert "restricted" not in seen
    assert cast.cem.patch(path, {"preferred_channel": None}, version=0).status_code == 412


def test_customer_cannot_restrict_and_a_partner_changes_nothing(cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}/contact-preferences"
    assert cast.cem.patch(path, {"restricted": True}, version=0).status_code == 422
    assert cast.eskisehir.patch(path, {"preferred_channel": "sms"}, version=0).status_code == 405
    assert cast.ankara.get(path).status_code == 404


def test_purposes_are_added_changed_and_archived(cast: Cast) -> None:
    wish = {"code": "test_drive", "english": "Test drives", "turkish": "Test sürüşü", "basis": "legitimate_interest"}
    made = cast.ayse.post("/consent-purposes", wish).get_json()
    assert (made["allowed_by_default"], made["archived"], made["version"]) == (True, False, 1)
    changed = cast.ayse.patch("/consent-purposes/test_drive", {"basis": "consent"}, version=1).get_json()
    assert (changed["basis"], changed["allowed_by_default"], changed["version"]) == ("consent", False, 2)
    assert cast.ayse.post("/consent-purposes", wish).get_json()["code"] == "purpose_code_taken"
    listed = {each["code"]: each["version"] for each in cast.cem.get("/consent-purposes").get_json()["items"]}
    assert listed == {"legal": 0, "marketing": 0, "research": 0, "service": 0, "test_drive": 2}


def test_purpose_that_came_with_us_is_changed_like_any_other(cast: Cast) -> None:
    shown = cast.ayse.get("/consent-purposes/service")
    assert shown.headers["ETag"].startswith('"0-')
    changed = cast.ayse.patch("/consent-purposes/service", {"allowed_by_default": False}, version=0).get_json()
    assert (changed["allowed_by_default"], changed["version"]) == (False, 1)
    assert cast.ayse.patch("/consent-purposes/service", {"english": "Help"}, version=0).status_code == 412


@pytest.mark.parametrize("purpose", ["marketing", "legal"])
def test_basis_decides_the_default(cast: Cast, purpose: str) -> None:
    wish = {"allowed_by_default": purpose == "marketing"}
    refused = cast.ayse.patch(f"/consent-purposes/{purpose}", wish, version=0)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/allowed_by_default")


def test_what_was_laid_down_is_in_the_audit_trail(cast: Cast) -> None:
    cast.ayse.patch("/contact-rules", {"caps": []}, version=0)
    [entry] = cast.ayse.get("/audit/entries?resource=contact_rules").get_json()["items"]
    assert (entry["action"], entry["detail"]) == ("contact_rules.changed", {"fields": ["caps"]})
