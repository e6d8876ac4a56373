"""What customers agreed to, from the command line."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.consent.conftest import ask, codes, consents

AS_JSON = ("-o", "json")
MARKETING = ("--purpose", "marketing", "--channel", "email")
BY_FORM = ("--source", "form", "--reference", "Form 2026/118")


def say(kopru: Run, cast: Cast, verb: str, *more: str) -> dict[str, Any]:
    ran = kopru("consent", verb, str(cast.cem_id), *BY_FORM, *more, *AS_JSON)
    assert ran.code == 0, ran.err
    return dict(ran.json)


def position(kopru: Run, cast: Cast, *more: str) -> str:
    shown = kopru("consent", "show", str(cast.cem_id), *more, *AS_JSON).json["items"]
    [found] = [each for each in shown if (each["purpose"], each["channel"]) == ("marketing", "email")]
    return str(found["because"])


def test_position_follows_what_is_granted_and_withdrawn(kopru: Run, cast: Cast) -> None:
    seen = [position(kopru, cast)]
    for verb in ("grant", "withdraw"):
        say(kopru, cast, verb, *MARKETING)
        seen.append(position(kopru, cast))
    assert seen == ["no_consent", "granted", "withdrawn"]


def test_consent_given_to_a_partner_is_that_partners_alone(kopru: Run, cast: Cast) -> None:
    say(kopru, cast, "grant", *MARKETING, "--partner", "eskisehir")
    seen = [position(kopru, cast, *whose) for whose in (("--partner", "eskisehir"), ("--partner", "ankara"), ())]
    assert seen == ["granted", "no_consent", "no_consent"]


def test_what_is_written_down_counts_where_contacts_are_decided(kopru: Run, cast: Cast) -> None:
    before = codes(ask(cast.ayse, cast))
    say(kopru, cast, "grant", *MARKETING)
    assert (before, codes(ask(cast.ayse, cast))) == (["no_consent"], [])


def test_statement_keeps_its_proof_and_who_wrote_it_down(kopru: Run, cast: Cast) -> None:
    say(kopru, cast, "withdraw", "--said-at", "2026-01-05T09:00", "--text", "Aramayın")
    [kept] = cast.ayse.get(consents(cast)).get_json()["items"]
    assert (kept["source"], kept["evidence"]) == ("form", {"text": "Aramayın", "reference": "Form 2026/118"})
    assert (kept["said_at"], kept["purpose"], kept["channel"]) == ("2026-01-05T09:00:00Z", None, "all")
    assert kept["recorded_by"].startswith("client:system:cli:consent withdraw:")


def test_history_lists_the_latest_word_first_and_not_what_was_said(kopru: Run, cast: Cast) -> None:
    say(kopru, cast, "grant", *MARKETING, "--text", "Şule Hanım aradı")
    say(kopru, cast, "withdraw", *MARKETING)
    listed = kopru("consent", "history", str(cast.cem_id), *AS_JSON)
    assert [each["decision"] for each in listed.json] == ["withdrawn", "granted"]
    assert "Şule" not in listed.out + kopru("consent", "history", str(cast.cem_id)).out


def test_restricted_record_is_said_to_be(kopru: Run, cast: Cast) -> None:
    path = f"/customers/{cast.cem_id}/contact-preferences"
    assert cast.ayse.patch(path, {"restricted": True}, cast.ayse.get(path).get_json()["version"]).status_code == 200
    assert kopru("consent", "show", str(cast.cem_id), *AS_JSON).json["restricted"]
    assert "The record is restricted" in kopru("consent", "show", str(cast.cem_id)).out


def test_wrong_wishes_are_refused_and_nothing_is_written(kopru: Run, cast: Cast) -> None:
    cem = str(cast.cem_id)
    both = kopru("consent", "grant", cem, *BY_FORM, "--house", "--partner", "eskisehir")
    unproved = kopru("consent", "grant", cem, *MARKETING)
    unknown = kopru("consent", "grant", cem, *BY_FORM, "--purpose", "falcilik")
    assert (both.code, unproved.code, unknown.code) == (2, 2, 1)
    assert "/purpose" in unknown.err
    assert cast.ayse.get(consents(cast)).get_json()["items"] == []


def test_unknown_customer_is_named(kopru: Run, cast: Cast) -> None:
    nobody = str(uuid4())
    for verb in (("show", nobody), ("history", nobody), ("withdraw", nobody, *BY_FORM)):
        refused = kopru("consent", *verb)
        assert (refused.code, refused.err) == (1, f"kopru: There is no customer {nobody}.\n")
