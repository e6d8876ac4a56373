"""What a pattern covers."""

import pytest

from gateway.webhooks.patterns import is_known, matches


@pytest.mark.parametrize(
    ("pattern", "covers"),
    [
        ("customer.updated", True),
        ("customer.*", True),
        ("*", True),
        ("customer.created", False),
        ("interaction.*", False),
    ],
)
def test_pattern_covers_exact_types_and_what_stands_before_its_star(pattern: str, covers: bool) -> None:
    assert matches([pattern], "customer.updated") is covers


@pytest.mark.parametrize(
    "pattern", ["custmer.*", "customer", "customer*", "cust*", "*.updated", "customer.*.*", "", "**"]
)
def test_pattern_that_never_fires_is_not_known(pattern: str) -> None:
    assert not is_known(pattern)
