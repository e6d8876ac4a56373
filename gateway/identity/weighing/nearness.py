"""How near two addresses are: one door, one house, one quarter, or different towns."""

from __future__ import annotations

from rapidfuzz import fuzz

from gateway.identity.reading.addresses import Place
from gateway.identity.weighing.levels import AGREE, DIFFER, NEAR, PARTLY, UNKNOWN, Level

_ONE_STREET = 82
"""Least likeness of the words of two streets, of 100, at which they are one written differently."""


def addresses(first: list[Place], second: list[Place]) -> Level:
    """The nearest of any two: one house agrees, another door or a missing number is near, one district partly."""
    if not first or not second:
        return UNKNOWN
    if any(place.street and place.number for place in set(first).intersection(second)):
        return AGREE
    return _nearest(first, second)


def _nearest(first: list[Place], second: list[Place]) -> Level:
    return min(_address(one, two) for one in first for two in second)


def _address(one: Place, two: Place) -> Level:
    is_town_known = bool(one.city and two.city)
    if is_town_known and one.city != two.city and not (one.postal and one.postal == two.postal):
        return DIFFER
    if one.street and two.street and _is_one_street(one.street, two.street):
        return _house(one, two)
    if one.number and one.number == two.number and one.postal and one.postal == two.postal and not one.street:
        return NEAR
    if one.district and two.district:
        return PARTLY if one.district == two.district else DIFFER
    return UNKNOWN if not (one.street and two.street) else DIFFER


def _is_one_street(one: str, two: str) -> bool:
    digits, other_digits = set(filter(str.isdigit, one.split())), set(filter(str.isdigit, two.split()))
    if digits != other_digits:  # 1453. Sokak is not 1454. Sokak, however alike they look
        return False
    return one == two or fuzz.token_sort_ratio(one, two) >= _ONE_STREET or _is_within(one, two)


def _is_within(one: str, two: str) -> bool:
    words, others = set(one.split()), set(two.split())
    return words <= others or others <= words


def _house(one: Place, two: Place) -> Level:
    if not one.number or not two.number:
        return NEAR
    if one.number != two.number:
        return PARTLY
    return NEAR if one.door and two.door and one.door != two.door else AGREE
