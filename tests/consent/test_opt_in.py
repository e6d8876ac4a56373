"""Double opt-in: who asks learns no secret, opening changes nothing, and the button counts once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from gateway.channels import Caller
from gateway.consent.opt_in import door
from gateway.consent.opt_in.models import Confirmation
from gateway.db import transaction
from gateway.limits import Limiter
from tests.conftest import BASE_URL, Api, Cast
from tests.consent.conftest import ask, codes, consents


def request(api: Api, cast: Cast, points: dict[str, str], **more: Any) -> dict[str, Any]:
    asked = {"customer_id": str(cast.cem_id), "contact_point": points["email"], "channel": "email"}
    answer = api.post("/consent-confirmations", {**asked, "purpose": "marketing", "wording": "2026-1", **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def link(cast: Cast, confirmation: dict[str, Any]) -> str:
    answer = cast.ayse.post(f"/consent-confirmations/{confirmation['id']}/link")
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["url"]).removeprefix(BASE_URL)


def visit(cast: Cast, method: str, path: str) -> TestResponse:
    return cast.ayse.client.open(path, method=method, headers={"Accept-Language": "tr"})


def test_customer_who_presses_the_button_has_agreed_to_the_words_they_saw(cast: Cast, points: dict[str, str]) -> None:
    confirmation = request(cast.eskisehir, cast, points)
    path = link(cast, confirmation)
    page = visit(cast, "GET", path)
    assert (page.status_code, "cem@example.com" in page.text, "Onaylıyorum" in page.text) == (200, True, True)
    assert visit(cast, "POST", path).status_code == 200
    [said] = cast.eskisehir.get(consents(cast)).get_json()["items"]
    assert (said["decision"], said["source"], said["contact_point"]) == ("granted", "double_opt_in", points["email"])
    assert said["evidence"]["text"] in page.text
    assert (said["evidence"]["wording"], said["evidence"]["reference"]) == ("2026-1", confirmation["id"])
    assert ask(cast.eskisehir, cast)["allowed"]


def test_pressing_the_button_verifies_the_contact_point(cast: Cast, points: dict[str, str]) -> None:
    visit(cast, "POST", link(cast, request(cast.eskisehir, cast, points)))
    shown = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    assert [each["kind"] for each in shown if each["verified_at"] is not None] == ["email"]


def test_contact_point_that_changed_meanwhile_is_not_verified(cast: Cast, points: dict[str, str]) -> None:
    path = link(cast, request(cast.eskisehir, cast, points))
    new = [{"kind": "email", "id": points["email"], "value": "yeni@example.com"}]
    version = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["version"]
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"contact_points": new}, version)
    assert visit(cast, "POST", path).status_code == 200
    [shown] = cast.ayse.get(f"/customers/{cast.cem_id}").get_json()["contact_points"]
    assert (shown["value"], shown["verified_at"]) == ("yeni@example.com", None)


def test_consent_to_one_partner_is_none_to_another(cast: Cast, points: dict[str, str]) -> None:
    visit(cast, "POST", link(cast, request(cast.eskisehir, cast, points)))
    assert codes(ask(cast.ayse, cast)) == ["no_consent"]


def test_looking_at_the_link_however_often_changes_nothing(cast: Cast, points: dict[str, str]) -> None:
    confirmation = request(cast.eskisehir, cast, points)
    path = link(cast, confirmation)
    assert [visit(cast, method, path).status_code for method in ("GET", "HEAD", "GET")] == [200, 200, 200]
    shown = cast.eskisehir.get(f"/consent-confirmations/{confirmation['id']}").get_json()
    assert (shown["status"], cast.cem.get(consents(cast)).get_json()["items"]) == ("pending", [])


def test_button_counts_once(cast: Cast, points: dict[str, str]) -> None:
    confirmation = request(cast.eskisehir, cast, points)
    path = link(cast, confirmation)
    assert [visit(cast, "POST", path).status_code for _ in range(2)] == [200, 200]
    assert len(cast.cem.get(consents(cast)).get_json()["items"]) == 1
    assert cast.eskisehir.get(f"/consent-confirmations/{confirmation['id']}").get_json()["status"] == "confirmed"
    again = cast.ayse.post(f"/consent-confirmations/{confirmation['id']}/link")
    assert (again.status_code, again.get_json()["code"]) == (409, "confirmation_over")


def test_withdrawal_after_it_is_not_undone_by_the_old_link(cast: Cast, points: dict[str, str]) -> None:
    path = link(cast, request(cast.eskisehir, cast, points))
    visit(cast, "POST", path)
    cast.cem.post(consents(cast), {"decision": "withdrawn"})
    visit(cast, "POST", path)
    assert codes(ask(cast.eskisehir, cast)) == ["withdrawn"]


@pytest.mark.parametrize("spoil", ["secret", "id", "new link", "expiry"])
def test_token_that_is_not_ours_or_has_ended_answers_nothing(cast: Cast, points: dict[str, str], spoil: str) -> None:
    confirmation = request(cast.eskisehir, cast, points)
    path = link(cast, confirmation)
    if spoil == "secret":
        path = path[:-1] + ("A" if path[-1] != "A" else "B")
    elif spoil == "id":
        path = path.replace(confirmation["id"], str(cast.cem_id))
    elif spoil == "new link":
        link(cast, confirmation)
    else:
        with transaction(Caller.system("test")) as tx:
            tx.raw.execute("UPDATE consent_confirmations SET expires_at = now()")
    assert [visit(cast, method, path).status_code for method in ("GET", "POST")] == [404, 404]
    assert cast.cem.get(consents(cast)).get_json()["items"] == []


def test_only_a_mark_of_the_secret_is_kept_and_no_event_tells_it(cast: Cast, points: dict[str, str]) -> None:
    confirmation = request(cast.eskisehir, cast, points)
    secret = link(cast, confirmation).rpartition(".")[2]
    with transaction(Caller.system("test")) as tx:
        stored = tx.session.get_one(Confirmation, UUID(confirmation["id"]))
        told = tx.raw.execute("SELECT record::text FROM events").fetchall()
        assert stored.mark is not None
        assert secret not in stored.mark + str(told)


def test_sender_inside_alone_is_told_with_texts_in_both_languages(cast: Cast, points: dict[str, str]) -> None:
    request(cast.eskisehir, cast, points)
    [event] = cast.ayse.events("type=consent.confirmation_requested")
    assert (event["data"]["contact_value"], event["data"]["partner"]) == ("cem@example.com", "eskisehir")
    assert all("{link}" in event["data"]["texts"][language]["body"] for language in ("tr", "en"))
    others = [api.events() for api in (cast.eskisehir, cast.cem)]
    assert {each["type"] for events in others for each in events}.isdisjoint({event["type"]})


def test_asking_again_sends_nothing_again(cast: Cast, points: dict[str, str]) -> None:
    first, again = (request(cast.eskisehir, cast, points) for _ in range(2))
    assert first == again
    assert len(cast.ayse.events("type=consent.confirmation_requested")) == 1


def test_partner_gets_no_link(cast: Cast, points: dict[str, str]) -> None:
    path = f"/consent-confirmations/{request(cast.eskisehir, cast, points)['id']}/link"
    assert cast.eskisehir.post(path).status_code == 404


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [({"channel": "sms"}, "/contact_point"), ({"purpose": "legal"}, "/purpose"), ({"audience": "all"}, "/audience")],
)
def test_what_nobody_can_be_asked_is_refused(
    cast: Cast, points: dict[str, str], asked: dict[str, Any], pointer: str
) -> None:
    whole = {"customer_id": str(cast.cem_id), "contact_point": points["email"], "channel": "email"}
    refused = cast.eskisehir.post("/consent-confirmations", {**whole, "purpose": "marketing", **asked})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_page_lets_nothing_in_and_the_address_out(cast: Cast, points: dict[str, str]) -> None:
    headers = visit(cast, "GET", link(cast, request(cast.eskisehir, cast, points))).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "no-store")


def test_who_guesses_is_slowed_down(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_limiter", Limiter())
    monkeypatch.setattr(door, "_MOST_REQUESTS", 3)
    answers = [visit(cast, "POST", "/internet/consents/confirm/x.y") for _ in range(5)]
    assert {each.status_code for each in answers} == {404, 429}
    assert int(answers[-1].headers["Retry-After"]) > 0
