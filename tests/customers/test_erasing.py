"""By what a person is recognised in text, and by what not."""

from __future__ import annotations

import pytest

from gateway.customers.erasing import Traces

ALI = Traces(frozenset({"Ali", "Ali Işık"}), frozenset({"+905321234567", "ali@example.com", "C-1"}))


@pytest.mark.parametrize("line", ["tel: 0532 123 45 67", '{"e": "ALI@example.com"}', "90-532-123-4567"])
def test_person_is_told_by_a_value_however_it_is_written(line: str) -> None:
    assert ALI.are_in(line)


@pytest.mark.parametrize("line", ["Ali Kaya", "C-1", "mali müşavir", "0532 123 45"])
def test_nobody_is_told_by_a_common_word_or_a_short_number(line: str) -> None:
    assert not ALI.are_in(line)
    assert not ALI.name_is_in(line)


def test_name_is_found_in_any_spelling_and_order() -> None:
    assert ALI.name_is_in("ISIK;ali;Eskişehir")
