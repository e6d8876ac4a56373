"""Two profiles compared field by field: a row of levels, the same for every pair of people or of organisations."""

from __future__ import annotations

from gateway.identity.reading.profile import Profile
from gateway.identity.weighing import levels
from gateway.identity.weighing.levels import AGREE, DIFFER, NEAR, UNKNOWN, Level
from gateway.identity.weighing.nearness import addresses
from gateway.identity.weighing.terms import Terms

Vector = tuple[Level, ...]
PERSON_FIELDS = (
    "given_name", "family_name", "generation", "birth_date", "tax_id", "email", "phone", "identifier", "address",
)  # fmt: skip
ORGANISATION_FIELDS = ("organisation_name", "tax_id", "email", "phone", "identifier", "address")


def fields_of(is_person: bool) -> tuple[str, ...]:
    """The fields in which two of a kind are compared, in the order of their levels."""
    return PERSON_FIELDS if is_person else ORGANISATION_FIELDS


def compare(first: Profile, second: Profile, terms: Terms) -> Vector:
    """The levels of two of one kind, in the order of `fields_of`."""
    return _people(first, second, terms) if first.is_person else _organisations(first, second)


def _people(first: Profile, second: Profile, terms: Terms) -> Vector:
    given, family = _names(first, second, terms)
    return (
        given,
        family,
        levels.generations(first.generation, second.generation),
        levels.births(first.birth, second.birth),
        *_numbers(first, second),
    )


def _organisations(first: Profile, second: Profile) -> Vector:
    return (_organisation_names(first, second), *_numbers(first, second))


def _numbers(first: Profile, second: Profile) -> Vector:
    return (
        levels.tax_ids(first.tax_id, second.tax_id),
        levels.emails(first.emails, second.emails, first.is_person),
        levels.phones(first.phones, second.phones),
        levels.identifiers(first.identifiers, second.identifiers),
        addresses(first.places, second.places),
    )


def _names(first: Profile, second: Profile, terms: Terms) -> tuple[Level, Level]:
    given = levels.given_names(first.given, second.given, terms)
    family = levels.family_names(first.family, second.family, terms)
    if given in (AGREE, UNKNOWN) or family in (AGREE, UNKNOWN):
        return given, family
    if sorted(first.given + first.family) == sorted(second.given + second.family):
        return AGREE, AGREE
    if given != DIFFER and family != DIFFER:
        return given, family
    crossed = (
        levels.given_names(first.given, second.family, terms),
        levels.family_names(first.family, second.given, terms),
    )
    return crossed if max(crossed) <= NEAR else (given, family)


def _organisation_names(first: Profile, second: Profile) -> Level:
    """The telling words: all the same but another legal form is near, as is a slip; some of them agree partly."""
    one, two = first.name, second.name
    if not one or not two:
        return UNKNOWN
    if set(one) == set(two) or "".join(one) == "".join(two):
        return AGREE if not first.form or not second.form or first.form == second.form else NEAR
    rest = [word for word in one if word not in two], [word for word in two if word not in one]
    if len(rest[0]) == len(rest[1]) and all(_is_short_for(*pair) for pair in zip(*rest, strict=True)):
        return NEAR
    if levels.are_typed_alike("".join(one), "".join(two)):
        return NEAR
    return levels.PARTLY if set(one) & set(two) or _is_short_for(one[0], two[0]) else DIFFER


def _is_short_for(one: str, two: str) -> bool:
    is_cut = len(one) >= 3 and len(two) >= 3 and (one.startswith(two) or two.startswith(one))
    return is_cut or levels.are_typed_alike(one, two)
