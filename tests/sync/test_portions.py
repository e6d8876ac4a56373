"""Answers are settled in portions, and what was answered before something went wrong is settled, too."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.base import Pushed
from gateway.sync import push
from gateway.sync.ahead import one_ahead


class Broken(Exception):
    """What a partner may fail with."""


def answers(count: int) -> list[Pushed]:
    """So many, of which each is known by its number."""
    return [Pushed(str(number), f"D-{number}") for number in range(count)]


def broken_after(told: list[Pushed]) -> Iterator[Pushed]:
    """Some answers, then an error."""
    yield from told
    raise Broken


def test_every_answer_comes_once_and_in_order() -> None:
    told = answers(push._SETTLE_ANSWERS * 2 + 1)
    portions = list(push.portions(iter(told)))
    assert [each for portion in portions for each in portion] == told
    assert [len(portion) for portion in portions] == [push._SETTLE_ANSWERS, push._SETTLE_ANSWERS, 1]


def test_a_slow_partners_answers_do_not_wait_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push, "_SETTLE_SECONDS", -1.0)
    assert [len(portion) for portion in push.portions(iter(answers(3)))] == [1, 1, 1, 0]


def test_what_was_answered_before_an_error_comes_before_it() -> None:
    told, got = answers(3), []
    with pytest.raises(Broken):
        for portion in one_ahead(push.portions(broken_after(told))):
            got += portion
    assert got == told
