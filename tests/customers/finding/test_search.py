"""What is typed into the search box finds who is meant, the nearest first."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Caller
from gateway.customers.finding import vocabulary, walk
from gateway.db import transaction
from tests.conftest import Api, Cast

SYSTEM = Caller.system("test")


def person(name: str, *points: str, **more: Any) -> dict[str, Any]:
    given, _, family = name.partition(" ")
    kinds = [{"kind": "email" if "@" in each else "phone", "value": each} for each in points]
    return {"kind": "person", "given_name": given, "family_name": family or None, "contact_points": kinds, **more}


def add(api: Api, *people: dict[str, Any]) -> None:
    for each in people:
        answer = api.post("/customers", each)
        assert answer.status_code == 201, answer.text
    with transaction(SYSTEM) as tx:
        vocabulary.recount(tx)


def names(api: Api, typed: str, **query: Any) -> list[str]:
    answer = api.get("/customers", query_string={"q": typed, "fields": "display_name", **query})
    assert answer.status_code == 200, answer.text
    return [each["display_name"] for each in answer.get_json()["items"]]


def walked(api: Api, typed: str, **query: Any) -> list[str]:
    """Every name, a page of two at a time."""
    found: list[str] = []
    asked: dict[str, Any] = {"q": typed, "fields": "display_name", "limit": 2, **query}
    while True:
        page = api.get("/customers", query_string=asked).get_json()
        found += [each["display_name"] for each in page["items"]]
        if page["next"] is None:
            return found
        asked["cursor"] = page["next"]


def test_strict_spelling_comes_before_the_other(cast: Cast) -> None:
    add(cast.ayse, person("Ahmet Isik"), person("Zeki Işık"))
    assert names(cast.ayse, "Isik") == ["Ahmet Isik", "Cem Işık", "Zeki Işık"]
    assert names(cast.ayse, "IŞIK") == ["Cem Işık", "Zeki Işık", "Ahmet Isik"]


def test_whole_word_comes_before_a_longer_one_and_that_before_a_typing_error(cast: Cast) -> None:
    add(cast.ayse, person("Can Kayalı"), person("Can Kaya"), person("Can Koya"))
    assert names(cast.ayse, "kaya") == ["Can Kaya", "Can Kayalı", "Can Koya"]


@pytest.mark.parametrize("typed", ["yilmas", "ylmaz", "yillmaz", "yilamz", "Yimlaz", "mehmet ylmaz", "ylmaz mehmt"])
def test_one_typing_error_in_a_word_is_forgiven(cast: Cast, typed: str) -> None:
    add(cast.ayse, person("Mehmet Yılmaz"), person("Ayşe Demir"))
    assert names(cast.ayse, typed) == ["Mehmet Yılmaz"]


@pytest.mark.parametrize("typed", ["yirmas", "al", "vel"])
def test_two_errors_and_errors_in_short_words_are_not(cast: Cast, typed: str) -> None:
    add(cast.ayse, person("Bil Yılmaz"))
    assert names(cast.ayse, typed) == []


@pytest.mark.parametrize("typed", ["mehmet ali yilmaz", "yilmaz mehmet", "ali yil", "YILMAZ ALİ mehm"])
def test_words_may_stand_in_any_order(cast: Cast, typed: str) -> None:
    add(cast.ayse, person("Mehmet Ali Yılmaz"), person("Mehmet Aliyev"))
    assert names(cast.ayse, typed)[0] == "Mehmet Ali Yılmaz"


@pytest.mark.parametrize(
    "typed",
    ["0532 123 45 67", "+90 (532) 123-4567", "4567", "34567", "532123", "12345", "0532123", "53212", "32123", "21234"],
)
def test_any_part_of_a_phone_finds_its_owner(cast: Cast, typed: str) -> None:
    add(cast.ayse, person("Ayşe Demir", "0533 999 88 77"))
    assert names(cast.ayse, typed) == ["Cem Işık"]
    assert names(cast.ayse, typed, sort="created_at") == ["Cem Işık"]


@pytest.mark.parametrize("typed", ["cem@example.com", "CEM@exam", "C-1042", "c-1042", "17291716060"])
def test_email_identifier_and_tax_id_find_their_owner(cast: Cast, typed: str) -> None:
    add(cast.ayse, person("Ayşe Demir", "demir@example.com"))
    assert names(cast.ayse, typed) == ["Cem Işık"]


def test_partner_cannot_search_a_field_it_may_not_see(cast: Cast) -> None:
    assert names(cast.eskisehir, "17291716060") == []
    assert names(cast.eskisehir, "17291716060", sort="created_at") == []
    assert names(cast.ayse, "17291716060", sort="created_at") == ["Cem Işık"]


def test_partner_finds_only_its_own(cast: Cast) -> None:
    add(cast.ankara, person("Cem Işık", "0532 123 45 67"))
    for typed in ("isik", "isikk cem", "4567", "12345"):
        assert len(names(cast.eskisehir, typed)) == len(names(cast.ankara, typed)) == 1
        assert len(names(cast.ayse, typed)) == 2


def test_order_for_a_partner_does_not_tell_how_many_others_there_are(cast: Cast) -> None:
    mine = [person("Ali Kaya Demir"), person("Kaya Ali Demir"), person("Demir Kaya")]
    add(cast.ankara, *mine)
    before = names(cast.ankara, "kaya demir")
    add(cast.ayse, *[person(f"Demir {letter}") for letter in "ABCÇD"], *[person("Kaya X")] * 2)
    assert names(cast.ankara, "kaya demir") == before


@pytest.mark.parametrize("usual", [0, 1000])
@pytest.mark.parametrize("typed", ["kaya", "ali ka", "kaya ali", "Kaya ali kayacı", "kayya ali", "9887", "99887"])
def test_pages_repeat_and_lose_nobody(cast: Cast, typed: str, usual: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_USUAL", usual)
    people = ["Ali Kaya", "Kaya Ali", "Ali Kaya Kayalı", "Ali Alican Kaya", "Ali Kayaa", "Ali Koya", "Ali Kayacı"]
    add(cast.ayse, *[person(name, f"0533 9{at}9 98 87", f"0544 998 87 0{at}") for at, name in enumerate(people)])
    everybody = names(cast.ayse, typed, limit=200)
    assert len(everybody) == len(set(everybody)) >= (1 if "kayacı" in typed else 5)
    assert walked(cast.ayse, typed) == everybody
    assert sorted(walked(cast.ayse, typed, sort="-display_name")) == sorted(
        set(walked(cast.ayse, typed, sort="updated_at"))
    )


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("kaya ali", "Ali Kaya"),
        ("ali kaya", "Ali Kaya"),
        ("ALİ KAY", "Ali Kaya"),
        ("oz ışık", "Işık Öz"),
        ("isik oz", "Işık Öz"),
        ("ali kayya", "Ali Kaya"),
    ],
)
def test_of_usual_words_those_side_by_side_come_first(
    cast: Cast, typed: str, first: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "_USUAL", 0)
    others = ["Ali Can Su Kaya", "Kaya Han Bey Ali", "Işık Can Nur Öz", "Öz Han Bey Işık"]
    add(cast.ayse, *map(person, others), person("Ali Kaya"), person("Işık Öz"))
    found = names(cast.ayse, typed)
    assert (found[0], len(found)) == (first, 3)


def test_words_are_side_by_side_however_they_are_spelt(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "_USUAL", 0)
    add(cast.ayse, *[person(f"{one} {other}") for one in ("Gul", "Gül", "Gûl") for other in ("Onsoy", "Önsoy")])
    assert len(names(cast.ayse, "onsoy gul")) == len(names(cast.ayse, "GÜL ÖNS")) == 6
    assert names(cast.ayse, "önsoy gül")[0] == "Gül Önsoy"


@pytest.mark.parametrize(("typed", "found"), [("493012", 1), ("4930", 0), ("30123", 0), ("45678", 1), ("34567", 1)])
def test_number_of_another_country_is_found_by_its_beginning_and_its_end(cast: Cast, typed: str, found: int) -> None:
    add(cast.ayse, person("Jürgen Groß", "+49 30 12345678"))
    assert len([each for each in names(cast.ayse, typed) if each == "Jürgen Groß"]) == found


def test_filters_hold_beside_text(cast: Cast) -> None:
    add(cast.ayse, person("Cem Ak", status="prospect"))
    assert names(cast.ayse, "cem", status="prospect") == ["Cem Ak"]
    assert names(cast.ayse, "cem", city="eskisehir") == names(cast.eskisehir, "cem", city="Eskişehir") == ["Cem Işık"]
    assert names(cast.ayse, "cem", partner="eskisehir") == ["Cem Işık"]


@pytest.mark.parametrize("typed", ["%", "_", "@", "\\", "' OR 1=1", "((((", "٣٤٥٦٧", "½½½½½", "0000", "ﷺ" * 60])
def test_whatever_is_typed_is_only_looked_for(cast: Cast, typed: str) -> None:
    for api in (cast.ayse, cast.eskisehir, cast.cem):
        assert names(api, typed) == []
        assert names(api, typed, sort="created_at") == []
