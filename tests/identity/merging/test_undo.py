"""Undoing a merge: both are as they were, and what has changed since is with the one it is about."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from tests.conftest import Cast
from tests.identity.conftest import Match
from tests.identity.merging.conftest import CALL, Two, made

TABLES = (
    "customers", "customer_keys", "shares", "interactions", "users", "webhook_endpoints", "operations",
    "sync_references", "sync_operations", "sync_conflicts",
)  # fmt: skip
_MOVING = ("version", "updated_at", "origin")


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that a merge touches, but for what tells that it was written again."""
    with transaction(Caller.system("test")) as tx:
        found = {
            table: [row[0] for row in tx.raw.execute(f"SELECT to_jsonb(t) FROM {table} t".encode())] for table in TABLES
        }
    plain = {
        table: [{name: value for name, value in row.items() if name not in _MOVING} for row in rows]
        for table, rows in found.items()
    }
    return {table: sorted(rows, key=str) for table, rows in plain.items()}


def test_undo_after_merge_is_the_identity(two: Two) -> None:
    for who, whose in ((two.cast.eskisehir, two.keep_id), (two.cast.ankara, two.lose_id)):
        made(who, "/interactions", {**CALL, "customer_id": whose})
    two.cast.ayse.post(f"/customers/{two.lose_id}/shares", {"partner": "eskisehir", "ground": "sale"})
    before = everything()
    assert before["interactions"]
    two.undo(two.merge()["id"])
    assert everything() == before


def test_chosen_fields_are_given_back_too(two: Two) -> None:
    before = everything()
    two.undo(two.merge(fields={"contact_points": "lose", "identifiers": "lose", "attributes/renk": "lose"})["id"])
    assert everything() == before


def test_id_of_the_restored_one_leads_nowhere_else(two: Two) -> None:
    two.undo(two.merge()["id"])
    assert two.shown(two.lose_id, two.cast.ankara)["display_name"] == "Işıl Şahin"
    assert two.cast.ankara.get(f"/customers/{two.keep_id}").status_code == 404


def test_edit_by_a_partner_that_knew_only_one_goes_to_that_one(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.change(two.keep_id, {"given_name": "Işılay", "attributes": {"vites": "otomatik"}}, two.cast.ankara)
    assert two.undo(merge_id)["stayed"] == []
    assert (two.shown(two.keep_id)["given_name"], two.shown(two.lose_id)["given_name"]) == ("Işıl", "Işılay")
    assert two.shown(two.lose_id)["attributes"] == {"gövde": "sedan", "vites": "otomatik"}


def test_edit_by_a_partner_of_the_survivor_stays_there(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.change(two.keep_id, {"birth_date": "1988-04-23"}, two.cast.eskisehir)
    assert two.undo(merge_id)["stayed"] == []
    assert two.shown(two.keep_id)["birth_date"] == "1988-04-23"
    assert two.shown(two.lose_id)["birth_date"] is None


def test_what_nobody_can_tell_stays_and_is_named(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.change(two.keep_id, {"locale": "tr-TR"})
    made(two.cast.ayse, "/interactions", {**CALL, "customer_id": two.keep_id})
    stayed = two.undo(merge_id)["stayed"]
    assert stayed == ["The survivor keeps the interactions recorded since: 1.", "The survivor keeps locale."]
    assert (two.shown(two.keep_id)["locale"], two.shown(two.lose_id)["locale"]) == ("tr-TR", None)


def test_change_to_a_contact_point_follows_whose_it_was(two: Two) -> None:
    merge_id = two.merge()["id"]
    points = [point for point in two.shown(two.keep_id)["contact_points"] if point["kind"] == "email"]
    two.change(two.keep_id, {"contact_points": [points[0], {"kind": "phone", "value": "+905559998877"}]})
    two.undo(merge_id)
    assert two.shown(two.lose_id)["contact_points"] == []
    assert {point["value"] for point in two.shown(two.keep_id)["contact_points"]} == {
        "isil@example.com", "+905559998877",
    }  # fmt: skip


def test_interaction_recorded_since_goes_where_its_partner_belongs(two: Two) -> None:
    merge_id = two.merge()["id"]
    of = {
        name: made(api, "/interactions", {**CALL, "customer_id": two.keep_id})
        for name, api in (("ankara", two.cast.ankara), ("eskisehir", two.cast.eskisehir))
    }
    two.undo(merge_id)
    assert two.cast.ayse.get(f"/interactions/{of['ankara']}").get_json()["customer_id"] == two.lose_id
    assert two.cast.ayse.get(f"/interactions/{of['eskisehir']}").get_json()["customer_id"] == two.keep_id


def test_share_that_was_ended_since_is_not_given_back(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.cast.ayse.delete(f"/customers/{two.keep_id}/shares/ankara")
    two.undo(merge_id)
    assert two.cast.ankara.get(f"/customers/{two.lose_id}").status_code == 404


def test_merges_of_merges_are_undone_in_reverse_order_alone(two: Two) -> None:
    third = made(two.cast.ayse, "/customers", {"kind": "person", "given_name": "Işıl"})
    before = everything()
    first = two.merge()["id"]
    second = Two(two.cast, third, two.keep_id).merge()["id"]
    refused = two.cast.ayse.post(f"/identity/merges/{first}/undo")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "merged_since")
    two.undo(second)
    two.undo(first)
    assert everything() == before


def test_merge_is_undone_once(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.undo(merge_id)
    again = two.cast.ayse.post(f"/identity/merges/{merge_id}/undo")
    assert (again.status_code, again.get_json()["code"]) == (409, "merge_undone")


def test_who_was_taken_apart_is_merged_by_nobody_again_unasked(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    two = Two(cast, pair["first_id"], pair["second_id"])
    merge_id = two.merge(pair_id=pair["id"])["id"]
    match()
    assert cast.ayse.get("/identity/pairs?status=merged").get_json()["items"][0]["id"] == pair["id"]
    two.undo(merge_id)
    match()
    [settled] = cast.ayse.get("/identity/pairs?status=different").get_json()["items"]
    assert (settled["id"], cast.ayse.get("/identity/pairs").get_json()["items"]) == (pair["id"], [])


@pytest.mark.parametrize("which", ["first_id", "second_id"])
def test_decision_about_the_lost_one_holds_for_the_survivor(
    cast: Cast, pair: dict[str, Any], match: Match, which: str
) -> None:
    cast.ayse.post(f"/identity/pairs/{pair['id']}/settle", {"decision": "different"})
    other = made(cast.ayse, "/customers", {"kind": "person", "given_name": "Ayşe", "family_name": "Yıldırım"})
    before = cast.ayse.get("/identity/pairs?status=different").get_json()["items"]
    merge_id = Two(cast, other, pair[which]).merge()["id"]
    [settled] = cast.ayse.get("/identity/pairs?status=different").get_json()["items"]
    apart = {settled["first_id"], settled["second_id"]}
    assert apart == {other, pair["first_id" if which == "second_id" else "second_id"]}
    Two(cast, other, pair[which]).undo(merge_id)
    assert cast.ayse.get("/identity/pairs?status=different").get_json()["items"] == before
