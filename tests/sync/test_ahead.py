"""A page is made while the one before it is worked on, and nothing is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from gateway.sync.ahead import one_ahead


class Broken(Exception):
    """What an item may fail with."""


def test_items_come_in_order_and_all() -> None:
    assert list(one_ahead(iter(range(20)))) == list(range(20))


def test_nothing_is_no_item() -> None:
    assert list(one_ahead(iter(()))) == []


def test_none_is_an_item_like_any_other() -> None:
    assert list(one_ahead(iter([None, 0]))) == [None, 0]


def test_next_item_is_made_while_one_is_worked_on() -> None:
    made = [threading.Event() for _ in range(3)]

    def items() -> Iterator[int]:
        for number, each in enumerate(made):
            each.set()
            yield number

    walk = one_ahead(items())
    assert next(walk) == 0
    assert made[1].wait(5)
    assert not made[2].is_set()


def test_error_comes_after_what_was_made_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise Broken

    walk = one_ahead(items())
    assert next(walk) == 1
    with pytest.raises(Broken):
        next(walk)


def test_whoever_stops_early_waits_for_the_item_being_made() -> None:
    begun, ended = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        yield 1
        begun.set()
        threading.Event().wait(0.2)
        ended.set()
        yield 2

    walk = one_ahead(items())
    next(walk)
    begun.wait(5)
    walk.close()  # type: ignore[attr-defined]
    assert ended.is_set()
    assert not [each for each in threading.enumerate() if each.name.startswith("ahead")]
