"""What was typed into a search box, read as tiers of keys: the nearest first, and within one tier in order of its keys.

Words of a name come in tiers as they are spelt, folded, as beginnings of words, and last with one typing error in
words of four letters and more. Numbers are a whole phone, tax id or identifier, then the last four digits and more of a
phone, then five and more in a row at its beginning, before its last two, or anywhere in a number of this country.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

from gateway.customers import contact
from gateway.customers.keys import EMAIL, IDENTIFIER, PHONE, TAX_ID, WORD, email_key, phone_key, written_word
from gateway.turkish import spelt

Range = tuple[str, str]
_MOST_WORDS = 8
_LEAST_AT_END, _LEAST_ANYWHERE, _LEAST_OF_EMAIL, _LEAST_OF_PHONE = 4, 5, 3, 10
_LAST_LETTER, _COUNTRY = "\U0010ffff", "90"


class Tier(NamedTuple):
    """Keys within one of `ranges`, in their order and apart, that hold one piece out of each of `wanted`.

    Where it is `forward`, they are keys of phones, each read as it is dialled: the country, then the number.
    """

    ranges: tuple[Range, ...]
    wanted: tuple[tuple[str, ...], ...] = ()
    forward: bool = False

    @property
    def starts(self) -> list[str]:
        """Where its ranges begin."""
        return [start for start, _ in self.ranges]

    @property
    def stops(self) -> list[str]:
        """Before what they end."""
        return [stop for _, stop in self.ranges]

    @property
    def is_plain(self) -> bool:
        """Whether `patterns` are those of LIKE; else they are regular expressions."""
        return all(len(pieces) == 1 for pieces in self.wanted)

    @property
    def patterns(self) -> list[str]:
        """The same as `wanted` in the database's words; no piece holds a sign that means something there."""
        return [f"%{pieces[0]}%" if self.is_plain else "|".join(pieces) for pieces in self.wanted]

    def read(self, key: str) -> str:
        """A key as it stands in this tier."""
        return key[:0:-1] if self.forward else key

    def holds(self, key: str) -> bool:
        """Whether a key belongs to it."""
        if self.forward and not key.startswith(PHONE):
            return False
        key = self.read(key)
        at = bisect_right(self.ranges, (key, _LAST_LETTER * 2)) - 1
        if at < 0 or key >= self.ranges[at][1]:
            return False
        return all(any(piece in key for piece in pieces) for pieces in self.wanted)


class Asked(NamedTuple):
    """What was asked for: near tiers, the nearest first, `whole` holding what they all hold, and then far ones.

    `words` are those in which a typing error may be forgiven, each folded and as it was spelt.
    """

    near: tuple[Tier, ...]
    whole: tuple[Tier, ...]
    far: tuple[Tier, ...] = ()
    words: tuple[tuple[str, str], ...] = ()


def words_in(typed: str) -> tuple[tuple[str, str], ...]:
    """The words of what was typed, each folded and as it is spelt; none where it is an e-mail or a number."""
    return () if "@" in typed or _is_number(typed) else tuple(spelt(typed)[:_MOST_WORDS])


def _is_number(typed: str) -> bool:
    return sum(map(str.isdecimal, typed)) >= _LEAST_AT_END and not any(map(str.isalpha, typed))


def read(typed: str, lead: int = 0, *, sees_tax_id: bool) -> Asked:
    """What was asked for; the word `lead` is the one whose keys are walked, best the rarest."""
    if "@" in typed:
        begin = email_key(typed.strip())
        return _nested(Tier((_exactly(begin),)), Tier((beginning(begin),)))
    if _is_number(typed):
        return _number(typed, sees_tax_id)
    words = words_in(typed)
    return _words(typed.strip(), words, lead) if words else _nested(Tier(()))


def forgiving(words: Sequence[tuple[str, str]], lead: int, alike: Mapping[str, Sequence[str]]) -> Tier:
    """The tier in which every word may stand for those that are `alike` to it."""
    first = words[lead][0]
    others = [folded for at, (folded, _) in enumerate(words) if at != lead]
    ranges = [beginning(f"{WORD} {first}"), *(_word(each) for each in alike[first] if not each.startswith(first))]
    return Tier(apart(ranges), tuple((f" {each}", *(f" {near}\t" for near in alike[each])) for each in others))


def _words(typed: str, words: tuple[tuple[str, str], ...], lead: int) -> Asked:
    folded, spelling = words[lead]
    others = [word for at, word in enumerate(words) if at != lead]
    first = f"{WORD}{written_word(folded, spelling)} "
    as_spelt = Tier((beginning(first),), tuple((f"{written_word(*each)} ",) for each in others))
    exact = Tier((_word(folded),), tuple((f" {each}\t",) for each, _ in others))
    begun = Tier((beginning(f"{WORD} {folded}"),), tuple((f" {each}",) for each, _ in others))
    other = _other(typed, None if others else folded)
    # One word without marks stands in its own order already: as it is spelt, otherwise spelt, longer.
    near = (begun, other) if not others and spelling == folded else (as_spelt, exact, begun, other)
    whole = (begun, other) if others else (Tier(apart((*begun.ranges, *other.ranges))),)
    return Asked(near, whole, words=words)


def _other(typed: str, word: str | None) -> Tier:
    """An identifier, which has a digit somewhere, and an e-mail that begins like the one word there is."""
    ranges = []
    if any(map(str.isdecimal, typed)):
        ranges = [beginning(f"{IDENTIFIER}{each}\x1f") for each in {typed, typed.upper(), typed.lower()}]
    if word is not None and len(word) >= _LEAST_OF_EMAIL:
        ranges.append(beginning(EMAIL + word))
    return Tier(apart(ranges))


def _number(typed: str, sees_tax_id: bool) -> Asked:
    digits = "".join(filter(str.isdecimal, typed))
    exact = [beginning(IDENTIFIER + typed.strip() + "\x1f")]
    if sees_tax_id:
        exact.append(_exactly(TAX_ID + digits))
    if len(digits) >= _LEAST_OF_PHONE and (phone := _phone(typed)):
        exact.append(_exactly(phone_key(phone)))
    part = digits.removeprefix("00").removeprefix(_COUNTRY if len(digits) > _LEAST_OF_PHONE else "").removeprefix("0")
    ends = Tier((beginning(PHONE + (part or digits)[::-1]),))
    names = Tier((beginning(f"{WORD} {digits}"),))
    far = _anywhere(part) if _LEAST_ANYWHERE <= len(part) < _LEAST_OF_PHONE else ()
    return _nested(Tier(apart(exact)), ends, names)._replace(far=far)


def _anywhere(part: str) -> tuple[Tier, ...]:
    """Digits within a number, with some in front of them or behind: as few steps into the index as there can be."""
    room = _LEAST_OF_PHONE - len(part)
    behind = [f"{PHONE}{each}{part[::-1]}" for each in _some(1, min(room, 2))]
    dialled = [part, f"{_COUNTRY}{part}", *(f"{_COUNTRY}{each}{part}" for each in _some(1, room - 3))]
    return _tier(dialled)._replace(forward=True), _tier(behind)


def _some(least: int, most: int) -> list[str]:
    return [f"{number:0{count}}" for count in range(least, most + 1) for number in range(10**count)]


def _tier(beginnings: Iterable[str]) -> Tier:
    return Tier(apart(map(beginning, beginnings)))


def apart(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Ranges in order, without those that lie within another; none lies across the end of another."""
    found: list[Range] = []
    longest_first = sorted(ranges, key=itemgetter(1), reverse=True)
    for each in sorted(longest_first, key=itemgetter(0)):
        if not found or each[0] >= found[-1][1]:
            found.append(each)
    return tuple(found)


def _phone(typed: str) -> str | None:
    try:
        return contact.phone(typed.strip())
    except ValueError:
        return None


def _nested(*tiers: Tier) -> Asked:
    """Tiers that are ranges alone."""
    return Asked(tiers, (Tier(apart(each for tier in tiers for each in tier.ranges)),))


def _exactly(key: str) -> Range:
    return key, key + "\x01"


def beginning(key: str) -> Range:
    """The keys that begin so."""
    return key, key + _LAST_LETTER


def _word(folded: str) -> Range:
    return f"{WORD} {folded}\t", f"{WORD} {folded}\n"
