"""Who hears of a merge, and what: nobody learns of a record that was not shared with them."""

from __future__ import annotations

from typing import Any

from tests.conftest import Api
from tests.identity.merging.conftest import CALL, ISIL, Two, made


def events(api: Api) -> list[dict[str, Any]]:
    """What somebody polls, from the beginning."""
    return api.events()


def since(api: Api, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    known = {each["id"] for each in before}
    return [each for each in events(api) if each["id"] not in known]


def test_partner_of_the_lost_one_hears_where_it_has_gone(two: Two) -> None:
    before = events(two.cast.ankara)
    two.merge()
    [told] = since(two.cast.ankara, before)
    assert (told["type"], told["data"]["id"], told["data"]["merged_id"]) == (
        "customer.merged", two.keep_id, two.lose_id,
    )  # fmt: skip
    assert not {"birth_date", "tax_id", "owner", "internal_note"} & told["data"].keys()


def test_partner_of_the_survivor_hears_of_an_edit_and_of_no_other_record(two: Two) -> None:
    before = events(two.cast.eskisehir)
    two.merge()
    [told] = since(two.cast.eskisehir, before)
    assert told["type"] == "customer.updated"
    assert two.lose_id not in str(told)


def test_partner_of_the_survivor_hears_nothing_where_nothing_of_its_view_changed(two: Two) -> None:
    same = made(two.cast.ayse, "/customers", {**ISIL, "internal_note": "Aynı kişi", "contact_points": []})
    two.cast.ayse.post(f"/customers/{same}/shares", {"partner": "ankara"})
    before = events(two.cast.eskisehir)
    Two(two.cast, two.keep_id, same).merge()
    assert since(two.cast.eskisehir, before) == []


def test_partner_of_both_hears_of_the_merge_once(two: Two) -> None:
    two.cast.ayse.post(f"/customers/{two.keep_id}/shares", {"partner": "ankara"})
    before = events(two.cast.ankara)
    two.merge()
    assert [each["type"] for each in since(two.cast.ankara, before)] == ["customer.merged"]


def test_shared_past_that_came_along_is_told(two: Two) -> None:
    call = made(two.cast.ankara, "/interactions", {**CALL, "customer_id": two.lose_id})
    hidden = made(two.cast.ankara, "/interactions", {**CALL, "customer_id": two.lose_id, "visibility": "partner"})
    before = events(two.cast.eskisehir)
    two.merge()
    told = {each["data"]["id"]: each["type"] for each in since(two.cast.eskisehir, before)}
    assert told == {two.keep_id: "customer.updated", call: "interaction.updated"}
    assert two.cast.eskisehir.get(f"/interactions/{call}").get_json()["customer_id"] == two.keep_id
    assert two.cast.eskisehir.get(f"/interactions/{hidden}").status_code == 404


def test_undo_tells_each_partner_of_its_own(two: Two) -> None:
    ankara = events(two.cast.ankara)
    merge_id = two.merge()["id"]
    ankara, eskisehir = [*ankara, *events(two.cast.ankara)], events(two.cast.eskisehir)
    two.undo(merge_id)
    told = [(each["type"], each["data"]["id"]) for each in since(two.cast.ankara, ankara)]
    assert told == [("customer.unmerged", two.lose_id), ("customer.unshared", two.keep_id)]
    [told_other] = since(two.cast.eskisehir, eskisehir)
    assert (told_other["type"], told_other["data"]["display_name"]) == ("customer.updated", "Işıl Öğütçü")
    assert two.lose_id not in str(told_other)


def test_house_hears_of_everything(two: Two) -> None:
    before = events(two.cast.ayse)
    two.undo(two.merge()["id"])
    told = {each["type"] for each in since(two.cast.ayse, before)}
    assert {"customer.merged", "customer.unmerged"} <= told


def test_merge_and_undo_stand_in_the_audit_trail(two: Two) -> None:
    two.undo(two.merge()["id"])
    entries = two.cast.ayse.get("/audit/entries?limit=200").get_json()["items"]
    assert {"customer.merged", "customer.unmerged"} <= {each["action"] for each in entries}
