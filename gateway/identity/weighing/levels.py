"""How far one field of two profiles agrees. Every comparison answers one of five levels."""

from __future__ import annotations

from rapidfuzz.distance import OSA

from gateway.identity.reading.nicknames import are_forms_of_one
from gateway.identity.reading.repair import fits
from gateway.identity.weighing.terms import Terms

AGREE, NEAR, PARTLY, DIFFER, UNKNOWN = range(5)
LEVELS = ("agree", "near", "partly", "differ", "unknown")
Level = int
_ROLES_WORDS = """
    info bilgi iletisim contact satis sales muhasebe finans accounting destek support admin yonetim office ofis
    mail posta kayit servis service siparis order ik hr insankaynaklari merkez genel firma sirket
"""
_ROLES = frozenset(_ROLES_WORDS.split())
_FREE_MAIL_WORDS = """
    gmail.com hotmail.com hotmail.com.tr outlook.com outlook.com.tr yahoo.com yahoo.com.tr yandex.com yandex.com.tr
    icloud.com mynet.com windowslive.com live.com msn.com gmx.de gmx.net web.de t-online.de mail.ru proton.me
    protonmail.com aol.com superonline.com ttmail.com
"""
_FREE_MAIL = frozenset(_FREE_MAIL_WORDS.split())
_SHORTEST_TYPED = 4
_YEARS_OFF = (10_000, 100_000)  # one or ten years, in yyyymmdd


def are_typed_alike(first: str, second: str) -> bool:
    """Whether one word may be the other with a slip of the finger, two in a long one, or with letters lost."""
    if ("?" in first or "?" in second) and fits(first, second):
        return True
    shorter = min(len(first), len(second))
    if shorter < _SHORTEST_TYPED or abs(len(first) - len(second)) > 2:
        return False
    most = 1 if shorter < 8 else 2
    return OSA.distance(first, second, score_cutoff=most) <= most


def given_names(first: list[str], second: list[str], terms: Terms) -> Level:
    """Two rows of given names: nicknames are near, one of a double name or an initial is part of it."""
    if not first or not second:
        return UNKNOWN
    if first == second or "".join(first) == "".join(second):
        return AGREE
    if terms.are_both_usual("g", first, second):
        return PARTLY if _is_part(first, second) else _pet_names(first, second)
    return _words(first, second)


def family_names(first: list[str], second: list[str], terms: Terms) -> Level:
    """Two rows of family names: one of a double name is part of it; so is a usual name that looks like another."""
    if not first or not second:
        return UNKNOWN
    if first == second or "".join(first) == "".join(second):
        return AGREE
    level = _words(first, second)
    return PARTLY if level == NEAR and terms.are_both_usual("f", first, second) else level


def _pet_names(first: list[str], second: list[str]) -> Level:
    return NEAR if len(first) == len(second) == 1 and are_forms_of_one(first[0], second[0]) else DIFFER


def _words(first: list[str], second: list[str]) -> Level:
    if are_typed_alike("".join(first), "".join(second)):
        return NEAR
    shorter, longer = sorted((first, second), key=len)
    worst = AGREE
    for word in shorter:
        worst = max(worst, min(_word(word, other) for other in longer))
        if worst == DIFFER:
            return DIFFER
    return NEAR if worst == NEAR and len(shorter) == len(longer) else PARTLY


def _word(first: str, second: str) -> Level:
    if first == second:
        return AGREE
    if first[0] == second[0] and (len(first) == 1 or len(second) == 1):
        return PARTLY
    return NEAR if are_forms_of_one(first, second) or are_typed_alike(first, second) else DIFFER


def _is_part(first: list[str], second: list[str]) -> bool:
    return set(first) <= set(second) or set(second) <= set(first)


def generations(first: str, second: str) -> Level:
    """Elder or younger: said of both, it agrees or differs; said of one alone, it agrees partly."""
    if not first and not second:
        return UNKNOWN
    if first and second:
        return AGREE if first == second else DIFFER
    return PARTLY


def births(first: int, second: int) -> Level:
    """Two dates as yyyymmdd: near with a digit wrong, day and month swapped or a year beside; partly in one year."""
    if not first or not second:
        return UNKNOWN
    if first == second:
        return AGREE
    one, two = f"{first:08}", f"{second:08}"
    if _is_slip(one, two):
        return NEAR
    if one[:4] == two[:4]:
        return _in_one_year(one[4:], two[4:])
    return NEAR if one[4:] == two[4:] and abs(first - second) in _YEARS_OFF else DIFFER


def _is_slip(one: str, two: str) -> bool:
    wrong = [place for place in range(8) if one[place] != two[place]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return one[wrong[0]] == two[wrong[1]] and one[wrong[1]] == two[wrong[0]]
    return len(wrong) == 1


def _in_one_year(one: str, two: str) -> Level:
    if one[:2] == two[2:] and one[2:] == two[:2]:
        return NEAR
    is_year_alone = "0101" in (one, two)  # who knows no more writes its first day
    return PARTLY if is_year_alone or one[:2] == two[:2] or one[2:] == two[2:] else DIFFER


def tax_ids(first: str, second: str) -> Level:
    """Two numbers of the tax office: those with a check digit cannot be mistyped into another."""
    if not first or not second:
        return UNKNOWN
    if first == second:
        return AGREE
    return DIFFER if first.isdigit() and second.isdigit() else NEAR if are_typed_alike(first, second) else DIFFER


def emails(first: list[str], second: list[str], is_person: bool) -> Level:
    """Addresses: one of a role agrees partly; near are a slip, a person's name elsewhere, one house's own domain."""
    if not first or not second:
        return UNKNOWN
    if shared := set(first).intersection(second):
        return PARTLY if all(each.partition("@")[0] in _ROLES for each in shared) and is_person else AGREE
    return min(_email(one, two, is_person) for one in first for two in second)


def _email(one: str, two: str, is_person: bool) -> Level:
    (local, _, domain), (other_local, _, other_domain) = one.partition("@"), two.partition("@")
    if not is_person:
        return NEAR if domain == other_domain and domain not in _FREE_MAIL else DIFFER
    if local == other_local and len(local) >= 6 and local not in _ROLES:
        return NEAR
    is_slip = (domain == other_domain or local == other_local) and OSA.distance(one, two, score_cutoff=1) <= 1
    return NEAR if is_slip and len(local) >= 6 and local not in _ROLES else DIFFER


def phones(first: list[str], second: list[str]) -> Level:
    """Numbers in E.164: near with one digit wrong or two changed over, or with another country's code."""
    if not first or not second:
        return UNKNOWN
    if not set(first).isdisjoint(second):
        return AGREE
    return min(_phone(one, two) for one in first for two in second)


def _phone(one: str, two: str) -> Level:
    if one[-9:] == two[-9:] and len(one) > 9 and len(two) > 9:
        return NEAR
    return NEAR if len(one) == len(two) and OSA.distance(one, two, score_cutoff=1) <= 1 else DIFFER


def identifiers(first: list[str], second: list[str]) -> Level:
    """What other systems call them: differs only where one system has two names for them."""
    if not set(first).isdisjoint(second):
        return AGREE
    systems = {each.partition("\x1f")[0] for each in first}
    return UNKNOWN if systems.isdisjoint(each.partition("\x1f")[0] for each in second) else DIFFER
