"""Who the dealers' customers are: the population behind the records, drawn from a seed.

Two shares hold by construction among customers whose taste is known: SEDAN_NATION of all like sedans, and SEDAN_CORE of
those over 35 in Eskişehir.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo.catalogue import OTHER_BODIES, OTHER_BODY_WEIGHTS
from demo.names import COMPANY_FORMS, COMPANY_TRADES, COMPANY_WORDS, FAMILIES, MEN, WOMEN
from demo.places import AROUND, CITIES
from demo.world import CEM, CUSTOMERS, DEALERS, DEMO_DATE, SEED, Dealer

SEDAN_NATION = 0.75
SEDAN_CORE = 0.90
CORE_AGE = 33  # some years below 35, so that the share still holds when the real calendar has moved on
GUESTS_PER_DEALER = 40
_TASTE_KNOWN = 0.88
_BIRTH_KNOWN = 0.94
_COMPANY_EVERY = 22
_FIRST_DAY = date(2023, 11, 1)
_NEWEST = (DEMO_DATE - _FIRST_DAY).days - 60


@dataclass(slots=True)
class Party:
    """One person or organisation of the demo, as it is in truth; `ids` are its external ids by dealer."""

    index: int
    home: str
    kind: str
    given: str
    family: str
    honorific: str
    city: str
    district: str
    born: date | None
    since: date
    status: str
    body_type: str | None = None
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def is_cem(self) -> bool:
        """Whether this is Cem Bey of Eskişehir."""
        return self.index == 0


def population(seed: int = SEED) -> list[Party]:
    """Everyone in the demo, each once, with an external id at every dealer that knows them; CUSTOMERS ids in all."""
    rng = Random(seed)
    people = [_cem()]
    for dealer in DEALERS:
        for _ in range(_records(dealer) - GUESTS_PER_DEALER - (dealer.code == CEM[0])):
            people.append(_party(rng, len(people), dealer))
    _introduce_guests(rng, people)
    _give_tastes(rng, people)
    return people


def known_twice(people: Iterable[Party]) -> list[tuple[str, str]]:
    """The pairs of external ids that mean one person: the truth that matching should find."""
    pairs = [tuple(party.ids.values()) for party in people if len(party.ids) == 2]
    return [(first, second) for first, second in pairs]


def age_on(day: date, born: date) -> int:
    """Completed years of age on that day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _records(dealer: Dealer) -> int:
    return round(CUSTOMERS * dealer.share)


def _cem() -> Party:
    """Cem Bey of Eskişehir, who likes sedans."""
    return Party(
        index=0,
        home=CEM[0],
        kind="person",
        given="Cem",
        family="Işıldağ",
        honorific="Bey",
        city="Eskişehir",
        district="Odunpazarı",
        born=date(1979, 5, 19),
        since=date(2024, 3, 4),
        status="active",
        body_type="sedan",
        ids={CEM[0]: CEM[1]},
    )


def _party(rng: Random, index: int, dealer: Dealer) -> Party:
    is_company = index % _COMPANY_EVERY == 0
    city = rng.choices(tuple(AROUND[dealer.code]), tuple(AROUND[dealer.code].values()))[0]
    given, family, honorific = ("", _company_name(index), "") if is_company else _person_name(rng)
    return Party(
        index=index,
        home=dealer.code,
        kind="organisation" if is_company else "person",
        given=given,
        family=family,
        honorific=honorific,
        city=city,
        district=rng.choice(CITIES[city].districts),
        born=None if is_company or rng.random() > _BIRTH_KNOWN else _birth_date(rng),
        since=_FIRST_DAY + timedelta(days=int(_NEWEST * rng.random())),
        status=rng.choices(("prospect", "active", "inactive"), (20, 65, 15))[0],
        ids={dealer.code: ""},
    )


def _person_name(rng: Random) -> tuple[str, str, str]:
    given, honorific = (rng.choice(MEN), "Bey") if rng.random() < 0.55 else (rng.choice(WOMEN), "Hanım")
    return given, rng.choice(FAMILIES), honorific


def _company_name(index: int) -> str:
    number = index // _COMPANY_EVERY
    word = COMPANY_WORDS[number % len(COMPANY_WORDS)]
    trade = COMPANY_TRADES[(number // len(COMPANY_WORDS) + number) % len(COMPANY_TRADES)]
    return f"{word} {trade} {COMPANY_FORMS[number % len(COMPANY_FORMS)]}"


def _birth_date(rng: Random) -> date:
    return DEMO_DATE - timedelta(days=int(365.25 * rng.triangular(18.1, 84, 41)))


def _introduce_guests(rng: Random, people: list[Party]) -> None:
    """Make some persons known to a second dealer, and number everybody."""
    for dealer in DEALERS:
        strangers = [each for each in people if each.kind == "person" and each.home != dealer.code and not each.is_cem]
        for guest in rng.sample([each for each in strangers if len(each.ids) == 1], GUESTS_PER_DEALER):
            guest.ids[dealer.code] = ""
    for dealer in DEALERS:
        theirs = [each for each in people if dealer.code in each.ids]
        for number, party in enumerate(theirs, start=1):
            party.ids[dealer.code] = f"{dealer.prefix}-{number:06d}"


def _give_tastes(rng: Random, people: list[Party]) -> None:
    persons = [each for each in people if each.kind == "person" and not each.is_cem]
    core = [each for each in persons if _is_core(each)]
    others = [each for each in persons if not _is_core(each) and rng.random() < _TASTE_KNOWN]
    wanted = SEDAN_NATION * _weight(core + others) - SEDAN_CORE * _weight(core)
    for is_guest in (False, True):
        _share_out(rng, [each for each in core if (len(each.ids) == 2) is is_guest], SEDAN_CORE)
        _share_out(rng, [each for each in others if (len(each.ids) == 2) is is_guest], wanted / _weight(others))


def _is_core(party: Party) -> bool:
    return party.city == "Eskişehir" and party.born is not None and age_on(DEMO_DATE, party.born) >= CORE_AGE


def _weight(people: Sequence[Party]) -> int:
    """How many records these are: who is known to two dealers counts twice."""
    return sum(len(each.ids) for each in people)


def _share_out(rng: Random, people: list[Party], share: float) -> None:
    """Give exactly this share a taste for sedans, evenly along the years of birth, so that it holds above any age."""
    by_birth = sorted(people, key=lambda each: (each.born or date.min, each.index))
    for party, likes_sedans in zip(by_birth, _evenly(share, rng.random()), strict=False):
        party.body_type = "sedan" if likes_sedans else rng.choices(OTHER_BODIES, OTHER_BODY_WEIGHTS)[0]


def _evenly(share: float, phase: float) -> Iterator[bool]:
    """An endless row of yes and no in which any stretch of n holds n x share yeses, give or take one."""
    total = phase
    while True:
        yield int(total + share) > int(total)
        total = (total + share) % 1.0
