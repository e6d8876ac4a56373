"""Patterns mean what they mean in regular expressions, and no text and no pattern takes long."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.customers.attributes.patterns import BadPattern, Pattern, compiled

_ATOMS = st.sampled_from(["a", "b", ".", r"\d", "[ab]", "[^a]", r"\w", "ş", r"\."])
_COUNTS = st.sampled_from(["", "", "?", "*", "+", "{2}", "{1,3}", "{0,2}", "{2,}"])
_WAYS = st.lists(st.tuples(_ATOMS, _COUNTS).map("".join), max_size=5).map("".join)


@given(st.lists(_WAYS, min_size=1, max_size=3).map("|".join), st.text("ab1ş.\n", max_size=8))
def test_pattern_means_what_it_means_in_regular_expressions(written: str, text: str) -> None:
    assert Pattern(written).fits(text) == (re.fullmatch(written, text, re.ASCII) is not None)


@pytest.mark.parametrize("written", ["a*a*a*a*a*a*a*a*b", ".*.*.*.*.*x", "[ab]{0,200}a[ab]{0,200}b", r"\w+\w+\w+!"])
def test_no_pattern_takes_long(written: str) -> None:
    text, began = "ab" * 30_000, time.thread_time()
    assert not compiled(written).fits(text)
    assert time.thread_time() - began < 2


@pytest.mark.parametrize(
    "written", ["(a)", "(?=a)", "a**", "a+?", "[z-a]", "a{3,1}", "^a", "a$", "[a", "[]", r"\p", r"\1", "{2}", "a" * 201]
)
def test_what_is_no_pattern_is_refused(written: str) -> None:
    with pytest.raises(BadPattern):
        compiled(written)


def test_counts_are_bounded() -> None:
    with pytest.raises(BadPattern, match="too large"):
        compiled("a{300}b{300}")
