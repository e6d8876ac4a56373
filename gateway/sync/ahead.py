"""Working one item ahead: while PostgreSQL takes one, the partner is asked for the next."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Generator[T]:
    """The same items, each made in a thread while the one before it is worked on; an error comes where it belongs.

    At most one item waits. Whoever stops early waits for the item that is being made: a partner is never left with
    somebody's request when the run it belongs to is over.
    """
    end = object()

    def make(done: list[T | object]) -> T | object:
        done.clear()  # to take a page of records apart takes a while, and whoever works on items is spared it
        return next(items, end)

    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as thread:
        done: list[T | object] = []
        coming = thread.submit(make, done)
        while (item := coming.result()) is not end:
            coming = thread.submit(make, done)
            done = [item]
            yield item  # type: ignore[misc]  # whatever is not the end is an item
