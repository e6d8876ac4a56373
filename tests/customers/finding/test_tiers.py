"""What was typed is read as tiers of keys."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.customers.finding import tiers
from gateway.customers.keys import name_keys, phone_key
from gateway.turkish import words

NAMES = st.lists(st.text("aıişsçc", min_size=1, max_size=4), min_size=1, max_size=4).map(" ".join)


def read(typed: str) -> tiers.Asked:
    return tiers.read(typed, sees_tax_id=True)


def tier_of(typed: str, *keys: str) -> int | None:
    near = (*read(typed).near, *read(typed).far)
    return next((at for at, tier in enumerate(near) if any(map(tier.holds, keys))), None)


@given(NAMES, st.integers(0, 3))
def test_name_is_found_by_each_of_its_words(name: str, at: int) -> None:
    typed = name.split()[at % len(name.split())]
    assert tier_of(typed, *name_keys(name)) is not None


@given(NAMES, NAMES)
def test_name_is_found_by_words_it_has_and_by_no_others(name: str, typed: str) -> None:
    has_all = all(any(word.startswith(begun) for word in words(name)) for begun in words(typed))
    if len(set(words(typed))) == len(words(typed)):
        assert (tier_of(typed, *name_keys(name)) is not None) == has_all


@given(NAMES, st.integers(0, 3))
def test_whichever_word_leads_the_same_names_are_found(name: str, lead: int) -> None:
    typed = tiers.words_in(name)
    other = tiers.read(name, lead % len(typed), sees_tax_id=True)
    assert any(any(map(tier.holds, name_keys(name))) for tier in other.near)


@given(st.from_regex(r"[2-5][0-9]{9}", fullmatch=True), st.integers(0, 9), st.integers(4, 10))
def test_phone_is_found_by_its_end_and_by_five_digits_in_a_row(number: str, at: int, length: int) -> None:
    part = number[at : at + length]
    if len(part) == length and part[0] != "0" and (length > 4 or number.endswith(part)):
        assert tier_of(part, phone_key(f"+90{number}")) is not None


@given(st.text(max_size=40))
def test_ranges_are_in_order_and_apart(typed: str) -> None:
    asked = read(typed)
    for tier in (*asked.near, *asked.whole, *asked.far):
        bounds = [bound for each in tier.ranges for bound in each]
        assert bounds == sorted(bounds)
