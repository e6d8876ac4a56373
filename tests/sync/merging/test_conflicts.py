"""Fields that both sides changed: kept apart until they are settled, by a rule or by a steward."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.wrappers import Request

from gateway.db import Query, transaction
from gateway.sync import history
from tests.sync.conftest import SYSTEM, Dealer, rows
from tests.sync.merging.conftest import Pair, edit, there


def conflicts(pair: Pair, query: str = "status=open") -> list[dict[str, Any]]:
    """The conflicts as Ayşe sees them."""
    answer = pair.cast.ayse.get(f"/sync/conflicts?{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.get_json()["items"])


def settle(pair: Pair, choice: dict[str, Any]) -> Any:
    """Ayşe settles the only open conflict."""
    (conflict,) = conflicts(pair)
    return pair.cast.ayse.post(f"/sync/conflicts/{conflict['id']}/settle", choice)


def rule(pair: Pair, field: str, name: str, *sources: str) -> None:
    """Ayşe sets a rule for customers."""
    wish = {"stream": "customers", "field": field, "rule": name, "sources": list(sources)}
    assert pair.cast.ayse.post("/sync/rules", wish).status_code == 201


@pytest.fixture
def clash(pair: Pair) -> Pair:
    """Ayşe and the first dealer gave Cem different family names."""
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, family_name="Yıldız", given_name="Cem Can")
    pair.first_run = pair.first.sync()  # type: ignore[attr-defined]
    return pair


def test_a_field_that_both_sides_changed_stays_as_it_is_on_either(clash: Pair) -> None:
    assert clash.first_run.streams["customers"]["conflicts"] == 1  # type: ignore[attr-defined]
    clash.sync(2)
    assert (clash.here()["family_name"], there(clash.first)["family_name"]) == ("Işıkoğlu", "Yıldız")
    assert there(clash.second)["family_name"] == "Işıkoğlu", "nobody else is held up"
    assert clash.here()["given_name"] == there(clash.second)["given_name"] == "Cem Can", "other fields flow"


def test_an_open_conflict_shows_both_values_and_where_they_came_from(clash: Pair) -> None:
    (conflict,) = conflicts(clash)
    assert [conflict[name] for name in ("field", "base", "ours", "theirs")] == [
        "family_name", "Işık", "Işıkoğlu", "Yıldız",
    ]  # fmt: skip
    assert conflict["our_source"]["source"] == "hub:intranet" and conflict["link"] == "Eskişehir Oto DMS"
    assert conflict["their_time"] and conflict["our_time"] and conflict["customer_id"] == str(clash.cast.cem_id)


@pytest.mark.parametrize(
    ("choice", "agreed"),
    [
        ({"choose": "ours"}, "Işıkoğlu"),
        ({"choose": "theirs"}, "Yıldız"),
        ({"choose": "value", "value": "Işık Yıldız"}, "Işık Yıldız"),
    ],
)
def test_what_a_steward_chooses_goes_everywhere(clash: Pair, choice: dict[str, Any], agreed: str) -> None:
    assert settle(clash, choice).get_json()["status"] == "settled"
    clash.sync()
    sides = clash.here(), there(clash.first), there(clash.second)
    assert [side["family_name"] for side in sides] == [agreed] * 3 and conflicts(clash) == []


def test_a_settled_conflict_cannot_be_settled_again(clash: Pair) -> None:
    settled = settle(clash, {"choose": "ours"}).get_json()
    again = clash.cast.ayse.post(f"/sync/conflicts/{settled['id']}/settle", {"choose": "theirs"})
    assert (again.status_code, again.get_json()["code"]) == (409, "conflict_settled")


@pytest.mark.parametrize("choice", [{"choose": "value", "value": "x" * 101}, {"choose": "value"}, {"choose": "both"}])
def test_a_value_the_record_cannot_carry_settles_nothing(clash: Pair, choice: dict[str, Any]) -> None:
    refused = settle(clash, choice)
    assert refused.status_code == 422 and refused.get_json()["errors"][0]["pointer"] in ("/value", "/choose")
    assert len(conflicts(clash)) == 1


def test_a_newer_word_of_either_side_replaces_the_older_one(clash: Pair) -> None:
    edit(clash.first, family_name="Kaya")
    clash.change(family_name="Işıktaş")
    clash.sync()
    (conflict,) = conflicts(clash)
    assert (conflict["ours"], conflict["theirs"]) == ("Işıktaş", "Kaya")
    assert rows("SELECT count(*) FROM sync_conflicts") == [(1,)]


@pytest.mark.parametrize("side", ["here", "there"])
def test_a_conflict_whose_sides_come_to_say_the_same_is_over(clash: Pair, side: str) -> None:
    if side == "here":
        clash.change(family_name="Yıldız")
    else:
        edit(clash.first, family_name="Işıkoğlu")
    clash.sync()
    assert conflicts(clash) == [] and conflicts(clash, "status=settled")[0]["chosen"] == "same"


def test_both_sides_making_the_same_change_is_no_conflict(pair: Pair) -> None:
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, family_name="Işıkoğlu")
    assert pair.first.sync().streams["customers"]["conflicts"] == 0 and conflicts(pair, "") == []


def test_an_old_value_that_a_dealer_never_touched_is_no_word(pair: Pair) -> None:
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, given_name="Cem Can")
    counts = pair.first.sync().streams["customers"]
    assert (counts["conflicts"], counts["changed"]) == (0, 1)
    assert there(pair.first)["family_name"] == pair.here()["family_name"] == "Işıkoğlu"


@pytest.mark.parametrize(("name", "winner"), [("newest", "Işıkoğlu"), ("keep_first", "Işıkoğlu")])
def test_a_rule_settles_at_once_and_is_on_record(pair: Pair, name: str, winner: str) -> None:
    rule(pair, "family_name", name)
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, family_name="Yıldız")  # a dealer's clock that stands a day behind
    pair.sync()
    assert pair.here()["family_name"] == there(pair.first)["family_name"] == winner
    (settled,) = conflicts(pair, "status=settled")
    assert (settled["settled_by"], settled["chosen"]) == (f"rule:{name}", "ours")


def test_the_source_with_priority_wins_without_being_newer(pair: Pair) -> None:
    rule(pair, "family_name", "priority", str(pair.first.link_id), "hub")
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, family_name="Yıldız")
    edit(pair.second, family_name="Kaya")
    pair.sync(2)
    sides = pair.here(), there(pair.first), there(pair.second)
    assert [side["family_name"] for side in sides] == ["Yıldız"] * 3


def test_a_word_that_a_rule_refuses_is_answered_with_ours(pair: Pair) -> None:
    rule(pair, "family_name", "priority", "hub")
    edit(pair.first, family_name="Yıldız")
    counts = pair.first.sync().streams["customers"]
    assert (counts["changed"], counts["conflicts"]) == (0, 0), "nobody changed it here: no conflict"
    assert there(pair.first)["family_name"] == pair.here()["family_name"] == "Işık"


def test_each_attribute_meets_by_itself(pair: Pair) -> None:
    pair.change(attributes={"renk": "mavi", "not": "acele"})
    edit(pair.first, attributes={**there(pair.first).get("attributes", {}), "renk": "kırmızı", "kapı": 5})
    pair.first.sync()
    (conflict,) = conflicts(pair)
    assert (conflict["field"], conflict["ours"], conflict["theirs"]) == ("attributes/renk", "mavi", "kırmızı")
    assert (pair.here()["attributes"]["kapı"], there(pair.first)["attributes"]["not"]) == (5, "acele")
    assert there(pair.first)["attributes"]["renk"] == "kırmızı"


def test_an_attribute_that_is_a_list_is_one_value(pair: Pair) -> None:
    pair.change(attributes={"ilgi": ["sedan"]})
    pair.sync()
    edit(pair.first, attributes={"ilgi": ["sedan", "kasko"]})
    pair.sync()
    assert pair.here()["attributes"]["ilgi"] == there(pair.second)["attributes"]["ilgi"] == ["sedan", "kasko"]


def test_contact_points_that_both_sides_add_all_stay(pair: Pair) -> None:
    kept = pair.here()["contact_points"]
    pair.change(contact_points=[*kept, {"kind": "phone", "value": "+905321112233"}])
    theirs = [*there(pair.first)["contact_points"], {"kind": "email", "value": "cem@isik.example"}]
    edit(pair.first, contact_points=theirs)
    pair.sync(2)
    values = [{point["value"] for point in side["contact_points"]} for side in (pair.here(), there(pair.first))]
    assert values[0] == values[1] == {point["value"] for point in kept} | {"+905321112233", "cem@isik.example"}


def test_a_dealer_removes_only_the_contact_points_it_brought(pair: Pair) -> None:
    ours = there(pair.first)["contact_points"]
    edit(pair.first, contact_points=[*ours, {"kind": "phone", "value": "0532 111 22 33"}])
    pair.sync(2)
    edit(pair.first, contact_points=[])
    pair.sync(2)
    left = {point["value"] for point in ours}
    assert {point["value"] for point in pair.here()["contact_points"]} == left and left
    assert {point["value"] for point in there(pair.first)["contact_points"]} == left


def test_a_dealer_may_not_overwrite_what_it_may_not_see(pair: Pair) -> None:
    pair.change(tax_id="10000000146")
    pair.sync()
    edit(pair.first, tax_id="10000000078")
    pair.first.sync()
    assert pair.here()["tax_id"] == "10000000146" and conflicts(pair)[0]["field"] == "tax_id"
    assert settle(pair, {"choose": "ours"}).status_code == 200
    pair.sync(2)
    assert there(pair.first)["tax_id"] == "10000000078", "what it may not see is not pushed to it either"


def test_a_dealers_deletion_ends_its_conflicts(clash: Pair) -> None:
    clash.first.system.remove("customers", there(clash.first)["external_id"])
    clash.first.sync()
    assert [each["chosen"] for each in conflicts(clash, "status=settled")] == ["gone"]


def test_an_interactions_subject_meets_like_any_field(dealer: Dealer, cast: Any) -> None:
    told = dealer.add_interaction(dealer.add_customer(), products=[{"sku": "S-1", "unit_cost": "7"}])
    dealer.sync()
    here = f"/interactions/{dealer.record('interactions', told)}"
    assert cast.ayse.patch(here, {"subject": "Bakım"}, 1).status_code == 200
    dealer.system.change("interactions", told, {"subject": "Yağ değişimi", "outcome": "tamam"})
    assert dealer.sync().streams["interactions"]["conflicts"] == 1
    shown = cast.ayse.get(here).get_json()
    assert (shown["subject"], shown["outcome"], shown["products"][0]["unit_cost"]) == ("Bakım", "tamam", "7")


def test_a_choice_made_while_the_same_record_is_on_its_way_is_not_lost(clash: Pair) -> None:
    clash.change(given_name="Cemil")

    def meanwhile(request: Request) -> None:
        if request.method == "PATCH":
            clash.first.moody.before = lambda request: None
            assert settle(clash, {"choose": "ours"}).status_code == 200

    clash.first.moody.before = meanwhile
    clash.sync(2)
    assert (there(clash.first)["given_name"], there(clash.first)["family_name"]) == ("Cemil", "Işıkoğlu")


def test_a_choice_waits_for_a_page_that_holds_the_record_without_standing_in_its_way(clash: Pair) -> None:
    (conflict,) = conflicts(clash)
    hold = Query(text("SELECT 1 FROM sync_conflicts WHERE id = :id FOR UPDATE NOWAIT"))
    with ThreadPoolExecutor(1) as steward:
        with transaction(SYSTEM) as tx:
            tx.run(Query(text("SELECT 1 FROM customers WHERE id = :id FOR UPDATE")), id=clash.cast.cem_id)
            answer = steward.submit(settle, clash, {"choose": "ours"})
            assert not wait([answer], timeout=0.5).done
            assert tx.first(hold, id=conflict["id"]) is not None
        assert answer.result().status_code == 200


def test_settled_conflicts_go_with_the_history_and_open_ones_stay(clash: Pair) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE sync_conflicts SET created_at = now() - interval '1 year'")))
        assert history.forget_old(tx, 90) == 0
    assert settle(clash, {"choose": "ours"}).status_code == 200
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE sync_conflicts SET settled_at = now() - interval '91 days'")))
        assert history.forget_old(tx, 90) == 1
