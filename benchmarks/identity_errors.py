"""What happens to a record of the identity benchmarks that somebody else writes down again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any

from benchmarks import identity_names as names
from benchmarks.identity_people import ASCII, Party, family_name, home_of_somebody, landline, mail_address, mobile


@dataclass(frozen=True, slots=True)
class Errors:
    """What befalls a further record: how many errors it has (weights of 0, 1, 2, 3), and of which kinds."""

    counts: tuple[int, int, int, int]
    kinds: Mapping[str, int]


USUAL = Errors(
    (15, 45, 28, 12),
    {
        "typing": 22, "ascii": 10, "encoding": 8, "nickname": 8, "given_cut": 5, "maiden": 6, "swapped": 6, "moved": 13,
        "birth": 8, "new_phone": 9, "new_email": 9, "missing": 22,
    },
)  # fmt: skip
HARSHER = Errors(
    (8, 37, 35, 20),
    {
        "typing": 28, "ascii": 5, "encoding": 12, "nickname": 5, "given_cut": 8, "maiden": 4, "swapped": 8, "moved": 16,
        "birth": 12, "new_phone": 10, "new_email": 12, "missing": 25,
    },
)  # fmt: skip
"""A second profile, for which nothing was ever looked at when weights were set."""


def again(chance: Random, party: Party, errors: Errors) -> Party:
    """A further record of a party, as somebody else wrote it down at another time."""
    count = chance.choices((0, 1, 2, 3), errors.counts)[0]
    if chance.random() < 0.08:
        party = replace(party, marks=party.marks | {"one_line"})
    for _ in range(count):
        party = _ERRORS[chance.choices(list(errors.kinds), list(errors.kinds.values()))[0]](chance, party)
    return party


def _mistyped(chance: Random, word: str) -> str:
    if len(word) < 3:
        return word
    place = chance.randrange(1, len(word))
    kind = chance.random()
    if kind < 0.3:
        return word[:place] + word[place + 1 :]
    if kind < 0.55:
        return word[:place] + chance.choice("abcdeghiklmnorstuyz") + word[place + 1 :]
    if kind < 0.8:
        return word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :]
    return word[:place] + chance.choice("aeiklmnrst") + word[place:]


def _typing(chance: Random, party: Party) -> Party:
    which = (
        chance.choice(("given", "family", "street")) if party.is_person else chance.choice(("name", "name", "street"))
    )
    if which == "street":
        if party.home is None:
            return party
        return replace(party, home=replace(party.home, street=_mistyped(chance, party.home.street)))
    words = getattr(party, which).split()
    if not words:
        return party
    place = 0 if not party.is_person else chance.randrange(len(words))
    words[place] = _mistyped(chance, words[place])
    return _with(party, which, " ".join(words))


def _ascii(chance: Random, party: Party) -> Party:
    return _changed_names(party, lambda text: text.translate(ASCII))


def _encoding(chance: Random, party: Party) -> Party:
    spoiled = _changed_names(party, lambda text: damaged(text, chance))
    return replace(spoiled, marks=party.marks | {"encoding"})


def damaged(text: str, chance: Random) -> str:
    """The text in an encoding that was mistaken, one of four ways."""
    kind = chance.randrange(4)
    if kind == 0:
        return text.encode().decode("cp1252", "replace")
    if kind == 1:
        return text.encode("cp1254", "replace").decode("latin-1")
    if kind == 2:
        return "".join(letter if letter.isascii() else "?" for letter in text)
    return text.encode().decode("latin-1")


def _changed_names(party: Party, change: Callable[[str], str]) -> Party:
    return replace(party, given=change(party.given), family=change(party.family), name=change(party.name))


def _nickname(chance: Random, party: Party) -> Party:
    first, _, rest = party.given.partition(" ")
    if first in names.NICKNAMES:
        return replace(party, given=f"{chance.choice(names.NICKNAMES[first].split())} {rest}".strip())
    return _typing(chance, party)


def _given_cut(chance: Random, party: Party) -> Party:
    words = party.given.split()
    if len(words) > 1:
        return replace(party, given=chance.choice(words[:2]))
    if party.is_person and chance.random() < 0.4:
        return replace(party, given=f"{party.given[:1]}.")
    return _missing(chance, party)


def _maiden(chance: Random, party: Party) -> Party:
    if not party.is_woman:
        return _missing(chance, party)
    other = family_name(chance)
    return replace(party, family=f"{other} {party.family}" if chance.random() < 0.35 else other)


def _swapped(chance: Random, party: Party) -> Party:
    if not party.is_person:
        return _typing(chance, party)
    if chance.random() < 0.6:
        return replace(party, given=party.family, family=party.given)
    return replace(party, given=f"{party.given} {party.family}", family="")


def _moved(chance: Random, party: Party) -> Party:
    return replace(party, home=home_of_somebody(chance))


def _birth(chance: Random, party: Party) -> Party:
    born = party.born
    if born is None:
        return party
    kind = chance.random()
    try:
        if kind < 0.35:
            return replace(party, born=date(born.year, born.day, born.month))
        if kind < 0.55:
            return replace(party, born=born.replace(year=born.year + chance.choice((-1, 1, 10, -10))))
        if kind < 0.65:
            return replace(party, born=date(born.year, 1, 1))
        return replace(party, born=born.replace(day=chance.randint(1, 28) if kind > 0.9 else born.day % 10 + 10))
    except ValueError:
        return party


def _new_phone(chance: Random, party: Party) -> Party:
    return replace(party, phone=mobile(chance) if party.is_person else landline(chance, party.home))


def _new_email(chance: Random, party: Party) -> Party:
    if not party.is_person:
        return replace(party, email=party.email and f"destek@{party.email.partition('@')[2]}")
    return replace(party, email=mail_address(chance, party.given or "x", party.family or "x"))


def _missing(chance: Random, party: Party) -> Party:
    return _with(party, chance.choice(("born", "tax_id", "email", "phone", "home")), None)


def _with(party: Party, name: str, value: Any) -> Party:
    return replace(party, **{name: value})


_ERRORS: dict[str, Callable[[Random, Party], Party]] = {
    "typing": _typing, "ascii": _ascii, "encoding": _encoding, "nickname": _nickname, "given_cut": _given_cut,
    "maiden": _maiden, "swapped": _swapped, "moved": _moved, "birth": _birth, "new_phone": _new_phone,
    "new_email": _new_email, "missing": _missing,
}  # fmt: skip
