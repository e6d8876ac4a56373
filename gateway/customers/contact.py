"""An e-mail address or a phone number in the one form that is stored and searched.

Two libraries know the rules. Most of what arrives is written in a few plain ways whose form is certain; those are read
here, fifty times as fast, and everything else by the library. A test holds the two to the same answers.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

HOME_REGION = "TR"
# Ten digits of a Turkish number, with +90, with 0 or bare, in the usual groups.
_PLAIN_PHONE = re.compile(r"(?:\+90 ?|0)?([2-58][0-9]{2})[ -]?([0-9]{3})[ -]?([0-9]{2})[ -]?([0-9]{2})")
_PLAIN_EMAIL = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")
_MOST_LETTERS, _MOST_LOCAL_LETTERS = 200, 64


def phone(raw: str) -> str:
    """E.164; ValueError with a sentence for what cannot be a phone number."""
    plain = _PLAIN_PHONE.fullmatch(raw)
    return f"+90{plain[1]}{plain[2]}{plain[3]}{plain[4]}" if plain else _phone(raw)


def email(raw: str) -> str:
    """Lower case, the domain in Unicode; ValueError with a sentence for what is no address."""
    plain = _PLAIN_EMAIL.fullmatch(raw)
    if plain and len(raw) <= _MOST_LETTERS and len(plain[1]) <= _MOST_LOCAL_LETTERS:
        domain = _domain(plain[2])
        if domain is not None:
            return f"{plain[1].lower()}@{domain}"
    return _email(raw)


@lru_cache(maxsize=4096)
def _domain(raw: str) -> str | None:
    """The domain as it is stored, None for one that cannot be: a dealer's customers share a few."""
    try:
        return _email(f"x@{raw}").removeprefix("x@")
    except ValueError:
        return None


def _email(raw: str) -> str:
    try:
        # Deliverability asks the network; a test domain is a customer's affair, not ours.
        checked = validate_email(raw, check_deliverability=False, test_environment=True)
    except EmailNotValidError as wrong:
        raise ValueError(f"Not an e-mail address: {wrong}") from None
    return checked.normalized.lower()


def _phone(raw: str) -> str:
    try:
        number = phonenumbers.parse(raw, HOME_REGION)
    except phonenumbers.NumberParseException:
        raise ValueError("Not a phone number; write it as +90 222 230 12 34.") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("Not a possible phone number; write it as +90 222 230 12 34.")
    written: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written
