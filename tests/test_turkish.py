"""Turkish letters keep their order, and meet whoever types them without their marks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import turkish
from gateway.turkish import fold, sort_key, words

IN_ORDER = [
    "Cem", "Çiğdem", "Gül", "Ğ", "Iğdır", "Irmak", "Isparta", "İpek", "İzmir", "Ozan", "Özge", "Sule", "Ş", "Şule",
    "Umut", "Ümit", "Zeynep",
]  # fmt: skip
ALPHABET = "abcçdefgğhıijklmnoöprsştuüvyz"
CAPITALS = "ABCÇDEFGĞHIİJKLMNOÖPRSŞTUÜVYZ"


def test_names_stand_in_turkish_order() -> None:
    assert sorted(set(IN_ORDER), key=lambda name: sort_key(name).encode()) == IN_ORDER


@pytest.mark.parametrize("letters", [ALPHABET, CAPITALS])
def test_alphabet_stands_in_its_own_order(letters: str) -> None:
    assert sorted(set(letters), key=lambda letter: sort_key(letter).encode()) == list(letters)


def test_dot_that_another_system_left_behind_is_no_gap() -> None:
    assert sort_key("i\u0307stanbul") == sort_key("İstanbul")


def test_capitals_and_small_letters_sort_alike() -> None:
    assert [sort_key(letter) for letter in CAPITALS] == [sort_key(letter) for letter in ALPHABET]


def test_digits_come_before_letters_and_words_before_longer_words() -> None:
    assert sorted(["Ay", "A Y", "A", "3M"], key=sort_key) == ["3M", "A", "A Y", "Ay"]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("IŞIK", "isik"),
        ("ışık", "isik"),
        ("Işık", "isik"),
        ("İSTANBUL", "istanbul"),
        ("i\u0307stanbul", "istanbul"),
        ("Çiğdem Gülöz", "cigdem guloz"),
        ("Kâmil Îsâ", "kamil isa"),
        ("STRASSE Straße", "strasse strasse"),
        ("ﬁ", "fi"),
        ("", ""),
    ],
)
def test_either_spelling_folds_to_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("name", IN_ORDER)
def test_plain_typing_finds_the_name(name: str) -> None:
    plain = name.translate(str.maketrans("çğıöşüÇĞİÖŞÜ", "cgiosuCGIOSU"))
    assert {fold(plain), fold(plain.lower()), fold(plain.upper())} == {fold(name)}


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_words_are_folded_short_and_without_signs(text: str) -> None:
    found = words(text)
    assert all(0 < len(word) <= 64 and word == fold(word)[:64] and word.isalnum() for word in found)


@given(st.text())
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert sort_key(unicodedata.normalize("NFD", text)) == sort_key(unicodedata.normalize("NFC", text))


@given(st.text())
def test_sort_key_has_no_signs_and_an_end(text: str) -> None:
    key = sort_key(text)
    assert len(key) <= 200
    assert key == key.strip()


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("aAçÇğĞıIiİöÖşŞüÜâÂîÎûÛzZ09 ") | st.characters(), max_size=12))
def test_plain_text_is_sorted_like_any_other(text: str) -> None:
    assert sort_key(text) == " ".join(turkish._spaced(text).split()).translate(turkish._RANKS)[:200]
