"""After any change anywhere, all sides come to say the same, and then nothing is written any more."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.turkish import fold
from tests.sync.merging.conftest import Json, Pair, Wilful, as_given, edit, in_capitals, there

ROUNDS = 3
NAMES = ("given_name", "family_name")
MAIL, PHONE = {"kind": "email", "value": "cem@isik.example"}, {"kind": "phone", "value": "+905321112233"}


def in_titles(record: Json) -> Json:
    """Names begin with a capital and lose their Turkish letters."""
    return record | {name: fold(record[name]).title() for name in NAMES if record.get(name)}


def cut_short(record: Json) -> Json:
    """Names fit a column of twenty letters."""
    return record | {name: record[name][:20] for name in NAMES if record.get(name)}


def as_codes(record: Json) -> Json:
    """What comes back is nothing like what was given."""
    return record | {name: f"#{sum(record[name].encode())}" for name in NAMES if record.get(name)}


def one_phone(record: Json) -> Json:
    """Room for a single contact point, and none for who verified it."""
    points = [
        {name: point[name] for name in ("kind", "value", "address")} for point in record.get("contact_points", ())
    ]
    return record | ({"contact_points": points[:1]} if points else {})


WAYS = [
    (Wilful(as_given), Wilful(as_given)),
    (Wilful(in_capitals), Wilful(in_titles)),
    (Wilful(in_capitals, versions=False), Wilful(in_titles, versions=False)),
    (Wilful(cut_short, versions=False), Wilful(in_capitals, versions=False)),
    (Wilful(as_codes), Wilful(in_capitals, versions=False)),
    (Wilful(as_codes, versions=False), Wilful(in_titles, versions=False)),
    (Wilful(one_phone, versions=False), Wilful(in_capitals)),
]


def sides_of(pair: Pair) -> tuple[Json, Json, Json]:
    """The customer in the hub, at the first dealer and at the second."""
    return pair.here(), there(pair.first), there(pair.second)


def comes_to_rest(pair: Pair) -> None:
    """A few rounds, after which further ones change nothing on any side."""
    pair.sync(ROUNDS)
    rest = pair.state()
    pair.sync(2)
    assert pair.state() == rest


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_change_in_the_hub_comes_to_rest_whatever_dealers_make_of_it(way: int, pair_of: Any) -> None:
    with pair_of(*fresh(way)) as pair:
        pair.change(family_name="Işıkoğlu-Çağlayangil Türkoğlu", attributes={"renk": "mavi"})
        comes_to_rest(pair)
        if as_codes not in (pair.first.system.rewrite, pair.second.system.rewrite):
            assert pair.here()["family_name"] == "Işıkoğlu-Çağlayangil Türkoğlu", "no dealer's spelling spoils it"


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_change_at_a_dealer_comes_to_rest_at_the_other(way: int, pair_of: Any) -> None:
    with pair_of(*fresh(way)) as pair:
        edit(pair.first, family_name="Kaya")
        comes_to_rest(pair)
        assert pair.here()["family_name"] == there(pair.first)["family_name"] == "Kaya"


def fresh(way: int) -> tuple[Wilful, Wilful]:
    """Two new systems with the ways of that number."""
    one, other = WAYS[way]
    return Wilful(one.rewrite, versions=one.versions), Wilful(other.rewrite, versions=other.versions)


def test_two_dealers_that_spell_everything_anew_come_to_rest(pair_of: Any) -> None:
    with pair_of(Wilful(as_codes, versions=False), Wilful(as_codes, versions=False)) as pair:
        pair.change(family_name="Işıkoğlu")
        pair.sync(ROUNDS)
        comes_to_rest(pair)


@pytest.mark.parametrize("rule", ["newest", "keep_first", "priority"])
def test_three_changes_at_once_come_to_the_same_under_every_rule(rule: str, pair: Pair) -> None:
    sources = ["hub", str(pair.second.link_id)] if rule == "priority" else []
    wish = {"stream": "customers", "field": "family_name", "rule": rule, "sources": sources}
    assert pair.cast.ayse.post("/sync/rules", wish).status_code == 201
    pair.change(family_name="Işıkoğlu")
    edit(pair.first, family_name="Yıldız")
    edit(pair.second, family_name="Kaya")
    comes_to_rest(pair)
    assert there(pair.first)["family_name"] == there(pair.second)["family_name"] == pair.here()["family_name"]


def test_a_dealers_return_to_an_old_value_is_answered_by_ours_changing_back(pair: Pair) -> None:
    for name in ("Kaya", "Işık"):
        edit(pair.first, family_name=name)
        pair.sync()
    pair.change(family_name="Kaya")
    pair.sync(2)
    assert [side["family_name"] for side in sides_of(pair)] == ["Kaya"] * 3, (
        "a value that was sent once before is sent again"
    )


def test_what_a_dealer_says_is_shown_with_its_source_inside_alone(pair: Pair) -> None:
    edit(pair.first, family_name="Kaya")
    pair.sync()
    said = {each["field"]: each for each in pair.here()["sources"]}
    assert (said["family_name"]["link"], said["family_name"]["partner"]) == ("Eskişehir Oto DMS", "eskisehir")
    assert said["family_name"]["at"] == there(pair.first)["updated_at"] and said["*"]["source"].startswith("hub:")
    outside = pair.cast.eskisehir.get(f"/customers/{pair.cast.cem_id}?include=sources")
    assert outside.status_code == 400


def test_an_edit_right_after_our_write_is_still_the_dealers_word(pair: Pair) -> None:
    pair.change(family_name="Işıkoğlu")
    pair.first.sync()
    edit(pair.first, family_name="IŞIKTAŞ", status="inactive")
    comes_to_rest(pair)
    assert [(side["family_name"], side["status"]) for side in sides_of(pair)] == [("IŞIKTAŞ", "inactive")] * 3


def test_a_contact_point_of_ours_taken_away_right_after_our_write_comes_back(pair: Pair) -> None:
    edit(pair.first, contact_points=there(pair.first)["contact_points"][1:])
    comes_to_rest(pair)
    kinds = [sorted(each["kind"] for each in side["contact_points"]) for side in sides_of(pair)]
    assert kinds == [["address", "email", "phone"]] * 3


def test_a_contact_point_of_its_own_taken_away_right_after_our_write_goes(pair: Pair) -> None:
    edit(pair.first, contact_points=[*there(pair.first)["contact_points"], MAIL])
    pair.sync(2)
    pair.change(contact_points=[*pair.here()["contact_points"], PHONE])
    pair.first.sync()
    points = there(pair.first)["contact_points"]
    edit(pair.first, contact_points=[each for each in points if each.get("value") != MAIL["value"]])
    comes_to_rest(pair)
    values = [{each.get("value") for each in side["contact_points"]} for side in sides_of(pair)]
    assert all(PHONE["value"] in each and MAIL["value"] not in each for each in values)


def test_an_edit_right_after_our_write_takes_nothing_that_the_system_cannot_keep(pair_of: Any) -> None:
    with pair_of(Wilful(one_phone), Wilful(as_given)) as pair:
        kept = pair.here()["contact_points"]
        edit(pair.first, family_name="Kaya")
        comes_to_rest(pair)
        assert (pair.here()["family_name"], pair.here()["contact_points"]) == ("Kaya", kept)


def test_interactions_come_to_rest_with_a_system_that_drops_fractions_of_seconds(pair_of: Any) -> None:
    def to_seconds(record: Json) -> Json:
        return record | ({"occurred_at": record["occurred_at"][:19] + "Z"} if "occurred_at" in record else {})

    with pair_of(Wilful(to_seconds, versions=False), Wilful(as_given)) as pair:
        call = {"channel": "phone", "kind": "service", "direction": "out", "visibility": "shared"}
        told = {**call, "customer_id": str(pair.cast.cem_id), "occurred_at": "2026-11-21T09:30:15.250Z"}
        made = pair.cast.ayse.post("/interactions", told).get_json()
        comes_to_rest(pair)
        here = pair.cast.ayse.get(f"/interactions/{made['id']}").get_json()
        assert (here["occurred_at"], here["version"]) == (made["occurred_at"], 1)
