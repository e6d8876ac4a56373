"""The quick reading of e-mail addresses and phone numbers answers what the libraries answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.customers import contact

_DIGITS = "".join(map(str, range(10)))
GAPS = st.sampled_from(["", " ", "-", "  ", ".", "/"])
PHONES = st.tuples(
    st.sampled_from(["+90", "+90 ", "0", "", "90", "00", "0 ", "+9", "+900", "(0", "+٩٠"]),
    st.text(_DIGITS, min_size=2, max_size=4), GAPS, st.text(_DIGITS, min_size=3, max_size=3), GAPS,
    st.text(_DIGITS, min_size=2, max_size=2), GAPS, st.text(_DIGITS, min_size=1, max_size=3),
).map("".join)  # fmt: skip
LOCALS = st.text("aZıİ09._+-", max_size=8) | st.sampled_from(["x" * 64, "x" * 65, '"a b"', "a\n", "ali(dayı)"])
DOMAINS = st.text("aZşİ09.-", max_size=10) | st.sampled_from(
    ["example.com", "EXAMPLE.Com", "mail.example.co.uk", "localhost", "a.test", "a.invalid", "xn--mnchen-3ya.de",
     "xn--a.com", "example.com.", "1.2.3.4", "b" * 64 + ".com", ".".join(["abcdefgh"] * 25) + ".com"]
)  # fmt: skip
EMAILS = st.builds("{}@{}".format, LOCALS, DOMAINS)


def _said_by(read: Callable[[str], str], raw: str) -> str:
    try:
        return read(raw)
    except ValueError as wrong:
        return f"refused: {wrong}"


@settings(max_examples=1500, deadline=None)
@given(raw=PHONES | st.text(max_size=20))
@example(raw="+90 532 123 45 67\n")
def test_phone_is_what_the_library_says(raw: str) -> None:
    assert _said_by(contact.phone, raw) == _said_by(contact._phone, raw)


@settings(max_examples=1500, deadline=None)
@given(raw=EMAILS | st.text(max_size=20))
@example(raw=f"{'x' * 64}@{'.'.join(['abcdefgh'] * 15)}.com")
def test_email_is_what_the_library_says(raw: str) -> None:
    assert _said_by(contact.email, raw) == _said_by(contact._email, raw)


@pytest.mark.parametrize("raw", ["+90 532 123 45 67", "0532 1234567", "532-123-45-67", "+905321234567"])
def test_plain_turkish_number_needs_no_library(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact, "_phone", None)
    assert contact.phone(raw) == "+905321234567"
