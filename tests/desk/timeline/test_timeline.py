"""What happened with a customer is one stream; everybody sees the part that is theirs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Cast

CALL = {"channel": "phone", "kind": "complaint", "direction": "in", "occurred_at": "2026-02-01T10:00:00Z"}


def happenings(api: Api, customer_id: object, **query: Any) -> list[dict[str, Any]]:
    answer = api.get(f"/customers/{customer_id}/timeline", query_string=query)
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def kinds(api: Api, customer_id: object, **query: Any) -> list[str]:
    return [each["kind"] for each in happenings(api, customer_id, **query)]


def spoken_to(api: Api, customer_id: object, **more: Any) -> None:
    assert api.post("/interactions", {**CALL, "customer_id": str(customer_id), **more}).status_code == 201


def test_everything_stands_in_one_stream_newest_first(cast: Cast) -> None:
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"family_name": "Işıl"}, version=1)
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    spoken_to(cast.ayse, cast.cem_id, occurred_at="2031-01-01T00:00:00Z")
    listed = happenings(cast.ayse, cast.cem_id)
    assert [each["kind"] for each in listed] == ["interaction", "share", "change", "share", "creation"]
    assert [each["at"] for each in listed] == sorted((each["at"] for each in listed), reverse=True)


def test_change_says_what_it_is_now_who_did_it_and_who_was_told(cast: Cast) -> None:
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"family_name": "Işıl"}, version=1)
    (change,) = happenings(cast.ayse, cast.cem_id, kinds="change")
    assert change["actor"].startswith("client:")
    assert change["detail"]["after"] == {"family_name": "Işıl", "display_name": "Cem Işıl"}
    assert change["detail"]["seen_by"] == ["eskisehir"]


def test_ended_share_is_told_with_who_made_and_who_ended_it(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara", "ground": "service"})
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/ankara")
    ended, made = happenings(cast.ayse, cast.cem_id, kinds="share", partner="ankara")
    assert (ended["detail"], made["detail"]) == (
        {"step": "ended", "ground": "service"},
        {"step": "made", "ground": "service"},
    )
    assert ended["actor"] == made["actor"]
    assert made["actor"].startswith("client:")


def test_changed_share_is_told_once_and_was_made_once(cast: Cast) -> None:
    at = f"/customers/{cast.cem_id}/shares/eskisehir"
    cast.ayse.patch(at, {"role": "viewer"}, version=cast.ayse.get(at).get_json()["version"])
    cast.ayse.delete(at)
    steps = [each["detail"]["step"] for each in happenings(cast.ayse, cast.cem_id, kinds="share")]
    assert steps == ["ended", "changed", "made"]
    assert kinds(cast.ayse, cast.cem_id) == ["share", "share", "share", "creation"]


def test_partner_is_told_of_its_own_shares_and_not_by_whom(cast: Cast) -> None:
    for partner in ("ankara", "eskisehir"):
        cast.ayse.delete(f"/customers/{cast.cem_id}/shares/{partner}")
        cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": partner})
    listed = happenings(cast.eskisehir, cast.cem_id, kinds="share")
    assert [(each["partner"], each["detail"]["step"], each["actor"]) for each in listed] == [
        ("eskisehir", "made", None),
        ("eskisehir", "ended", None),
        ("eskisehir", "made", None),
    ]


def test_partner_is_told_its_own_part(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    spoken_to(cast.ankara, cast.cem_id)
    spoken_to(cast.eskisehir, cast.cem_id)
    cast.ayse.patch(f"/customers/{cast.cem_id}", {"family_name": "Işıl"}, version=1)
    listed = happenings(cast.eskisehir, cast.cem_id)
    assert [(each["kind"], each["partner"]) for each in listed] == [
        ("share", "eskisehir"),
        ("interaction", "eskisehir"),
    ]


@pytest.mark.parametrize(
    "kind", ["change", "read", "disclosure", "claim", "referral", "case", "action", "creation", "work", "nonsense"]
)
def test_kind_that_a_partner_is_not_told_does_not_exist_for_it(cast: Cast, kind: str) -> None:
    answer = cast.eskisehir.get(f"/customers/{cast.cem_id}/timeline", query_string={"kinds": kind})
    assert answer.status_code == 400


def test_stranger_finds_no_timeline(cast: Cast) -> None:
    assert cast.ankara.get(f"/customers/{cast.cem_id}/timeline").status_code == 404


def test_pages_lose_and_repeat_nothing(cast: Cast) -> None:
    for _ in range(5):
        spoken_to(cast.ayse, cast.cem_id)
    everything = [each["id"] for each in happenings(cast.ayse, cast.cem_id)]
    walked: list[str] = []
    asked: dict[str, Any] = {"limit": 2}
    while True:
        page = cast.ayse.get(f"/customers/{cast.cem_id}/timeline", query_string=asked).get_json()
        walked += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    assert len(everything) == 7
    assert walked == everything


def test_stream_is_filtered(cast: Cast) -> None:
    spoken_to(cast.eskisehir, cast.cem_id)
    assert kinds(cast.ayse, cast.cem_id, occurred_to="2026-03-01T00:00:00Z") == ["interaction"]
    assert kinds(cast.ayse, cast.cem_id, occurred_from="2026-03-01T00:00:00Z") == ["share", "creation"]
    assert kinds(cast.ayse, cast.cem_id, partner="eskisehir") == ["share", "interaction"]
    assert kinds(cast.ayse, cast.cem_id, partner="ankara") == []


def test_matters_and_work_stand_in_the_stream(cast: Cast, queue: str) -> None:
    opened = {"customer_id": str(cast.cem_id), "subject": "Teslimat gecikti", "queue_id": queue}
    matter = cast.ayse.post("/matters", opened).get_json()
    work, entry = happenings(cast.ayse, cast.cem_id, kinds="matter,work")
    assert (entry["kind"], entry["detail"]["number"], entry["detail"]["entry"]) == (
        "matter",
        matter["number"],
        "opened",
    )
    assert (work["kind"], work["detail"]["subject"]) == ("work", "Teslimat gecikti")


def test_partner_is_told_of_the_matters_it_works_on_and_not_by_whom(cast: Cast) -> None:
    whose = {"customer_id": str(cast.cem_id), "subject": "Teslimat gecikti"}
    for said in ({}, {"partner": "eskisehir"}):
        matter = cast.ayse.post("/matters", {**whose, **said}).get_json()
    cast.ayse.post(f"/matters/{matter['id']}/notes", {"text": "Aramızda kalsın"})
    (told,) = happenings(cast.eskisehir, cast.cem_id, kinds="matter")
    assert (told["detail"]["number"], told["actor"]) == (matter["number"], None)
