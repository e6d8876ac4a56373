"""Addresses as they are compared, and the places of Türkiye."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.identity.reading import places
from gateway.identity.reading.addresses import Place, read_address

HOME = Place("eskisehir", "odunpazari", "gokmeydan menekse", "12", "3", "26010")
PARTS = {"district": "Odunpazarı", "city": "Eskişehir", "postal_code": "26010"}


def test_there_are_81_provinces_and_973_districts() -> None:
    districts = [district for _, districts in places.PROVINCES.values() for district in districts]
    assert (len(places.PROVINCES), len(districts)) == (81, 973)
    assert sorted(plate for plate, _ in places.PROVINCES.values()) == list(range(1, 82))


@pytest.mark.parametrize(
    "line",
    [
        "Gökmeydan Mah. Menekşe Sok. No:12/3",
        "Gökmeydan Mahallesi Menekşe Sokağı No 12 Daire 3",
        "GÖKMEYDAN MH. MENEKŞE SK. 12/3",
        "Gökmeydan Mah. Menekşe Sk. No:12 K:1 D:3",
    ],
)
def test_short_and_long_marks_are_one(line: str) -> None:
    assert read_address({"line1": line, **PARTS}, None) == HOME


def test_one_line_is_read_into_its_parts() -> None:
    line = "Gökmeydan Mah. Menekşe Sok. No:12/3 Odunpazarı 26010 Eskişehir"
    assert read_address(None, line) == HOME


@pytest.mark.parametrize(
    "said",
    [
        {"city": "Odunpazarı"},
        {"city": "Odunpazarı", "district": "Eskişehir"},
        {"city": "ESKISEHIR", "district": "ODUNPAZARI"},
        {"district": "Odunpazarı", "postal_code": "26010"},
    ],
)
def test_town_is_found_wherever_it_is_written(said: dict[str, Any]) -> None:
    read = read_address({"line1": "Menekşe Sok. 12", **said}, None)
    assert (read.city, read.district) == ("eskisehir", "odunpazari")


def test_street_that_bears_the_name_of_a_town_stays_a_street() -> None:
    assert read_address({"line1": "Ankara Cad. No: 5", "city": "Bursa"}, None).street == "ankara"


def test_foreign_address_is_left_in_its_words() -> None:
    read = read_address({"line1": "Baker Street No 221", "city": "London", "country": "GB"}, None)
    assert read == Place("london", "", "baker", "221", "", "")
