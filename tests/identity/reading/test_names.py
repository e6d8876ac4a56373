"""Names without their dress."""

from __future__ import annotations

import pytest

from gateway.identity.reading.nicknames import are_forms_of_one
from gateway.identity.reading.organisation_names import read_organisation
from gateway.identity.reading.person_names import Names, read_names
from gateway.identity.reading.phonetic import skeleton
from gateway.identity.reading.repair import letters, repair


@pytest.mark.parametrize(
    ("given", "family", "read"),
    [
        ("Dr. Mehmet Ali", "Yılmaz", Names(("mehmet", "ali"), ("yilmaz",), "")),
        ("AYŞE", "IŞIK HANIM", Names(("ayse",), ("isik",), "")),
        ("Cem Işık", "", Names(("cem",), ("isik",), "")),
        ("", "Cem Işık", Names(("cem",), ("isik",), "")),
        ("Haydar Jr.", "Kocaman", Names(("haydar",), ("kocaman",), "2")),
        ("Ludwig", "van der Berg", Names(("ludwig",), ("vanderberg",), "")),
        ("Ali", "Büyük", Names(("ali",), ("buyuk",), "")),
        ("Ayşe (muhasebe)", "Öz-Türk", Names(("ayse",), ("oz", "turk"), "")),
    ],
)
def test_names_are_read_without_titles_and_dress(given: str, family: str, read: Names) -> None:
    assert read_names(given, family) == read


def test_names_that_are_nothing_but_signs_are_no_names() -> None:
    assert read_names("***", "(?)") == Names((), (), "")


@pytest.mark.parametrize("short", ["Mıstık", "Mustafa", "Musto"])
def test_short_forms_of_mustafa_are_mustafa(short: str) -> None:
    assert are_forms_of_one(letters(short)[0], "mustafa") or short == "Mustafa"


@pytest.mark.parametrize(("one", "two"), [("ayse", "aysegul"), ("emine", "emin"), ("hasan", "huseyin")])
def test_names_of_their_own_are_no_forms_of_each_other(one: str, two: str) -> None:
    assert not are_forms_of_one(one, two)


@pytest.mark.parametrize(
    ("one", "two"), [("mehmet", "mehmed"), ("isik", "ischik"), ("yilmaz", "yılmas"), ("davut", "tavud")]
)
def test_names_that_sound_alike_have_one_skeleton(one: str, two: str) -> None:
    assert skeleton(one) == skeleton(letters(two)[0])


@pytest.mark.parametrize(
    ("name", "core", "form"),
    [
        ("Yıldız Gıda San. ve Tic. A.Ş.", ("yildiz", "gida"), "joint"),
        ("YILDIZ GIDA SANAYİ VE TİCARET ANONİM ŞİRKETİ", ("yildiz", "gida"), "joint"),
        ("Yıldız Gıda Ltd. Şti.", ("yildiz", "gida"), "limited"),
        ("Porsuk İnş. Tur. Ltd.Şti.", ("porsuk", "insaat", "turizm"), "limited"),
        ("Müller & Söhne GmbH", ("muller", "sohne"), "limited"),
        ("BMW AG", ("bmw",), "joint"),
        ("Sanayi ve Ticaret A.Ş.", ("sanayi", "ve", "ticaret"), "joint"),
    ],
)
def test_organisation_is_read_without_its_legal_form(name: str, core: tuple[str, ...], form: str) -> None:
    assert read_organisation(name) == (core, form)


@pytest.mark.parametrize("encoding", ["cp1254", "cp1252", "latin-1"])
def test_utf8_read_in_a_western_encoding_is_brought_back(encoding: str) -> None:
    whole = "Çağrı Öz İnan Uğur Şükrü Gül"
    damaged = "".join(bytes([code]).decode(encoding, "ignore") or chr(code) for code in whole.encode())
    assert repair(damaged) == whole


def test_windows_1254_read_as_latin_1_is_brought_back() -> None:
    assert repair("Şükrü Işık İnan Uğur".encode("cp1254").decode("latin-1")) == "Şükrü Işık İnan Uğur"


@pytest.mark.parametrize("foreign", ["Åke Ågren", "Ähtäri", "François", "Ångström", "Þ"[:0] + "Müller"])
def test_what_is_written_well_stays_as_it_is(foreign: str) -> None:
    assert repair(foreign) == foreign


def test_question_marks_for_lost_letters_stay_in_their_word() -> None:
    assert letters("?ükrü Akta? I??k") == ("?ukru", "akta?", "i??k")
