"""The people and companies of the identity benchmarks, as they are in truth; `identity_base` tells the proportions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from benchmarks import identity_names as names


@dataclass(frozen=True, slots=True)
class Home:
    """Where somebody lives or works."""

    city: str
    district: str
    quarter: str
    street: str
    number: int
    door: int
    postal: str


@dataclass(frozen=True, slots=True)
class Party:
    """One person or company as it is written down in one place; `truth` numbers who it is."""

    truth: int
    is_person: bool
    given: str = ""
    family: str = ""
    name: str = ""
    is_woman: bool = False
    born: date | None = None
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None
    home: Home | None = None
    marks: frozenset[str] = field(default_factory=frozenset)


def units(chance: Random) -> Iterator[list[Party]]:
    """Endless households and companies, each a list of parties that belong together."""
    while True:
        if chance.random() < 0.08 / 1.74:  # a household has 1.73 people on average
            yield list(_companies(chance))
        else:
            yield _household(chance)


def _household(chance: Random) -> list[Party]:
    size = chance.choices((1, 2, 3, 4), (55, 25, 12, 8))[0]
    family, home = family_name(chance), home_of_somebody(chance)
    people = [_person(chance, family, home, place) for place in range(size)]
    if size == 1:
        return people
    kind = chance.random()
    first, second = people[0], people[1]
    if kind < 0.04:
        people[1] = _namesake(chance, first)
    elif kind < 0.08:
        given = _given(chance, first.is_woman)
        people[1] = replace(second, given=given, family=first.family, born=first.born, is_woman=first.is_woman)
    elif kind < 0.18:
        people[1] = replace(second, email=first.email, phone=first.phone)
    return people


def _namesake(chance: Random, father: Party) -> Party:
    born = None if father.born is None else father.born + timedelta(days=chance.randint(20 * 365, 38 * 365))
    given = f"{father.given} Jr." if chance.random() < 0.1 else father.given
    shared: dict[str, Any] = {name: getattr(father, name) for name in ("phone", "email") if chance.random() < 0.3}
    own = _person(chance, father.family, father.home, 1)
    return replace(own, given=given, family=father.family, born=born, is_woman=father.is_woman, **shared)


def _person(chance: Random, family: str, home: Home | None, place: int) -> Party:
    is_woman = chance.random() < 0.48
    own = family if place != 1 or chance.random() < 0.93 else family_name(chance)
    given = _given(chance, is_woman)
    return Party(
        0,
        True,
        given,
        own,
        is_woman=is_woman,
        born=_born(chance) if chance.random() < 0.88 else None,
        tax_id=_tckn(chance) if chance.random() < 0.5 else None,
        email=mail_address(chance, given, own) if chance.random() < 0.65 else None,
        phone=mobile(chance) if chance.random() < 0.88 else None,
        home=home,
    )


def _companies(chance: Random) -> Iterator[Party]:
    first, home = _company_word(chance), home_of_somebody(chance)
    phone, domain = landline(chance, home), f"{_plain(first)}{chance.randint(1, 999)}.com.tr"
    yield _company(chance, first, home, phone, domain)
    if chance.random() < 0.125:
        yield _company(chance, first, home, phone if chance.random() < 0.5 else landline(chance, home), domain)


def _company(chance: Random, first: str, home: Home | None, phone: str, domain: str) -> Party:
    trades = chance.sample(names.TRADES, 2 if chance.random() < 0.4 else 1)
    form = chance.choice(names.LIMITED if chance.random() < 0.75 else names.JOINT)
    local = chance.choice(("info", "info", "muhasebe", "satis", "iletisim"))
    return Party(
        0,
        False,
        name=" ".join([first, *trades, form]).replace("_", " "),
        tax_id=_vkn(chance) if chance.random() < 0.8 else None,
        email=f"{local}@{domain}" if chance.random() < 0.65 else None,
        phone=phone if chance.random() < 0.88 else None,
        home=home,
    )


def _company_word(chance: Random) -> str:
    if chance.random() < 0.5:
        return chance.choice(names.COMPANY_NAMES)
    return chance.choice(names.STEMS) + chance.choice(names.ENDINGS) if chance.random() < 0.6 else family_name(chance)


def _ranked(words: list[str], chance: Random, exponent: float = 0.75, offset: float = 2.0) -> str:
    return chance.choices(words, cum_weights=_weights(len(words), exponent, offset))[0]


_KNOWN_WEIGHTS: dict[tuple[int, float, float], list[float]] = {}


def _weights(count: int, exponent: float, offset: float) -> list[float]:
    shape = (count, exponent, offset)
    if shape not in _KNOWN_WEIGHTS:
        _KNOWN_WEIGHTS[shape] = list(accumulate((rank + offset) ** -exponent for rank in range(count)))
    return _KNOWN_WEIGHTS[shape]


def _born(chance: Random) -> date:
    return date(1940, 1, 1) + timedelta(days=int(24_500 * chance.betavariate(2.2, 1.8)))


def _given(chance: Random, is_woman: bool) -> str:
    words = names.WOMEN if is_woman else names.MEN
    given = _ranked(words, chance).replace("_", " ")
    if chance.random() < 0.06 and " " not in given:
        given = f"{given} {_ranked(words, chance).split('_')[0]}"
    return given


def family_name(chance: Random) -> str:
    """A surname by rank, or one of the rare ones."""
    if chance.random() < 0.25:
        return chance.choice(names.STEMS) + chance.choice(names.ENDINGS)
    return _ranked(names.FAMILIES, chance, 0.7, 3.0)


def home_of_somebody(chance: Random) -> Home | None:
    """An address, or none for the eight of a hundred whose address nobody wrote down."""
    if chance.random() > 0.92:
        return None
    city = chance.choices(list(names.PLACES), [share for _, share, _ in names.PLACES.values()])[0]
    plate, _, districts = names.PLACES[city]
    district = _ranked(districts.split(), chance, 0.8)
    postal = f"{plate:02}{100 + 37 * districts.split().index(district) % 800:03}"
    street = chance.choice(names.STREETS) if chance.random() < 0.75 else f"{chance.randint(1, 2400)}."
    quarter = chance.choice(names.QUARTERS).replace("_", " ")
    return Home(
        city, district, quarter, street.replace("_", " "), chance.randint(1, 180), chance.randint(1, 24), postal
    )


def mail_address(chance: Random, given: str, family: str) -> str:
    """An address as people choose them."""
    first, last = _plain(given) or "x", _plain(family) or "x"
    forms = (f"{first}.{last}", f"{first}{last}", f"{first[0]}{last}", f"{first}_{last}", f"{last}.{first}")
    tail = str(chance.randint(1, 99)) if chance.random() < 0.75 else str(chance.randint(1950, 2005))
    return f"{chance.choice(forms)}{tail}@{_ranked(list(names.MAILS), chance)}"


ASCII = str.maketrans("çÇğĞıIİöÖşŞüÜâÂ", "cCgGiIIoOsSuUaA")


def _plain(text: str) -> str:
    return "".join(letter for letter in text.translate(ASCII).lower() if letter.isalnum())


def mobile(chance: Random) -> str:
    """A mobile number, E.164."""
    return f"+905{chance.choice('0345')}{chance.randint(0, 9)}{chance.randint(0, 9_999_999):07}"


def landline(chance: Random, home: Home | None) -> str:
    """A number of a city, E.164."""
    return f"+90{chance.choice((212, 216, 312, 232, 224, 222, 242, 332))}{chance.randint(2_000_000, 8_999_999)}"


def _tckn(chance: Random) -> str:
    digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(8))]
    digits.append((sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10)
    digits.append(sum(digits) % 10)
    return "".join(map(str, digits))


def _vkn(chance: Random) -> str:
    digits = [chance.randint(0, 9) for _ in range(9)]
    total = 0
    for place, digit in enumerate(digits):
        part = (digit + 9 - place) % 10
        total += 9 if part == 9 else part * 2 ** (9 - place) % 9
    return "".join(map(str, digits)) + str(-total % 10)
