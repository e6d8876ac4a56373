"""May this customer be contacted: every reason why not, and from when on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Cast
from tests.consent.conftest import NOON, ask, codes, say


def preferences(cast: Cast, wish: dict[str, Any]) -> None:
    path = f"/customers/{cast.cem_id}/contact-preferences"
    version = cast.ayse.get(path).get_json()["version"]
    assert cast.ayse.patch(path, wish, version=version).status_code == 200


def rules(cast: Cast, wish: dict[str, Any]) -> None:
    version = cast.ayse.get("/contact-rules").get_json()["version"]
    answer = cast.ayse.patch("/contact-rules", wish, version=version)
    assert answer.status_code == 200, answer.text


def test_without_consent_nobody_advertises(cast: Cast) -> None:
    decision = ask(cast.eskisehir, cast)
    assert (decision["allowed"], codes(decision), decision["earliest_at"]) == (False, ["no_consent"], None)
    assert all(each["sentence"] and each["turkish"] for each in decision["reasons"])


def test_with_consent_the_partner_may_and_is_told_where(cast: Cast, points: dict[str, str]) -> None:
    say(cast.eskisehir, cast, channel="email")
    decision = ask(cast.eskisehir, cast)
    assert (decision["allowed"], decision["reasons"], decision["contact_point"]) == (True, [], points["email"])
    assert datetime.fromisoformat(decision["earliest_at"]) == NOON
    assert codes(ask(cast.ayse, cast)) == ["no_consent"]
    assert ask(cast.ayse, cast, partner="eskisehir")["allowed"]


def test_withdrawal_to_everybody_stops_a_partner_that_cannot_know_whose_it_is(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    say(cast.eskisehir, cast)
    say(cast.cem, cast, "withdrawn", purpose=None)
    decision = ask(cast.eskisehir, cast)
    assert codes(decision) == ["withdrawn"]
    assert "ankara" not in str(decision)


def test_withdrawal_holds_for_the_address_though_it_is_written_down_anew(cast: Cast, points: dict[str, str]) -> None:
    say(cast.ayse, cast)
    say(cast.cem, cast, "withdrawn", channel="email", contact_point=points["email"])
    path = f"/customers/{cast.cem_id}"
    again = [{"kind": "email", "value": "CEM@example.com"}]
    assert cast.ayse.patch(path, {"contact_points": again}, version=1).status_code == 200
    assert codes(ask(cast.ayse, cast)) == ["withdrawn"]
    again.append({"kind": "email", "value": "cem.yeni@example.com"})
    cast.ayse.patch(path, {"contact_points": again}, version=2)
    new = cast.ayse.get(path).get_json()["contact_points"][1]["id"]
    assert ask(cast.ayse, cast)["contact_point"] == new


def test_contact_point_has_to_be_there_and_fit_the_channel(cast: Cast, points: dict[str, str]) -> None:
    assert codes(ask(cast.ayse, cast, purpose="service", contact_point=points["phone"])) == ["no_such_contact_point"]
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"contact_points": []}, version=1)
    assert codes(ask(cast.ayse, cast, purpose="service")) == ["no_contact_point"]
    assert ask(cast.ayse, cast, purpose="service", channel="app")["allowed"]


def test_at_night_the_answer_is_the_morning(cast: Cast) -> None:
    night = NOON + timedelta(hours=10)
    decision = ask(cast.eskisehir, cast, channel="phone", purpose="service", at=night.isoformat())
    assert codes(decision) == ["quiet_hours"]
    morning = NOON + timedelta(hours=21)
    assert datetime.fromisoformat(decision["earliest_at"]) == morning
    assert decision["reasons"][0]["until"] == decision["earliest_at"]


def test_customers_own_quiet_hours_are_on_their_own_clock(cast: Cast) -> None:
    lunch = {"time_zone": "Asia/Tokyo", "quiet_hours": [{"from": "18:00", "until": "19:00"}]}
    preferences(cast, lunch)  # 18:00 in Tokyo is noon in Istanbul
    decision = ask(cast.eskisehir, cast, purpose="service")
    assert codes(decision) == ["quiet_hours"]
    assert datetime.fromisoformat(decision["earliest_at"]) == NOON + timedelta(hours=1)


def test_restricted_customer_is_contacted_by_duty_alone(cast: Cast) -> None:
    preferences(cast, {"restricted": True})
    decision = ask(cast.eskisehir, cast, purpose="service")
    assert (codes(decision), decision["earliest_at"]) == (["restricted"], None)
    assert ask(cast.eskisehir, cast, purpose="legal")["allowed"]


def test_every_reason_is_named_at_once(cast: Cast) -> None:
    rules(cast, {"caps": [{"purpose": "marketing", "most": 0, "days": 1}]})
    preferences(cast, {"restricted": True, "preferred_channel": "email"})
    night = (NOON + timedelta(hours=10)).isoformat()
    decision = ask(cast.ayse, cast, channel="phone", at=night, partner="ankara")
    assert codes(decision) == ["restricted", "not_shared", "no_consent", "quiet_hours", "cap_reached"]
    assert decision["preferred_channel"] == "email"


@pytest.mark.parametrize("asked", [{"purpose": "yok"}, {"channel": "kanal"}, {"partner": "ankara"}])
def test_question_that_makes_no_sense_is_refused(cast: Cast, asked: dict[str, Any]) -> None:
    whole = {"customer_id": str(cast.cem_id), "channel": "email", "purpose": "marketing"} | asked
    assert cast.eskisehir.post("/contact-decisions", whole).status_code == 422


def test_customer_one_may_not_see_is_not_there(cast: Cast) -> None:
    asked = {"customer_id": str(cast.cem_id), "channel": "email", "purpose": "marketing"}
    assert cast.ankara.post("/contact-decisions", asked).status_code == 404


def test_archived_purpose_allows_nothing(cast: Cast) -> None:
    assert cast.ayse.patch("/consent-purposes/service", {"archived": True}, version=0).status_code == 200
    asked = {"customer_id": str(cast.cem_id), "channel": "email", "purpose": "service"}
    assert cast.ayse.post("/contact-decisions", asked).get_json()["errors"][0]["code"] == "archived"


def test_partner_contacts_for_what_the_customer_is_shared_for(cast: Cast) -> None:
    say(cast.eskisehir, cast)
    path = f"/customers/{cast.cem_id}/shares/eskisehir"
    assert cast.ayse.patch(path, {"purposes": ["service"]}, version=1).status_code == 200
    assert codes(ask(cast.eskisehir, cast)) == codes(ask(cast.ayse, cast, partner="eskisehir")) == ["not_agreed"]
    assert [ask(cast.eskisehir, cast, purpose=each)["allowed"] for each in ("service", "legal")] == [True, True]


def test_share_that_names_no_purpose_is_for_those_of_the_agreement(cast: Cast) -> None:
    say(cast.eskisehir, cast)
    assert ask(cast.eskisehir, cast)["allowed"]
    assert cast.ayse.patch("/partners/eskisehir", {"purposes": ["research"]}, version=1).status_code == 200
    assert codes(ask(cast.eskisehir, cast)) == ["not_agreed"]
