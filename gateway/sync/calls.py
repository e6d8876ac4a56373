"""Calling a connector: whatever a plugin throws comes out as a ConnectorError."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rq.timeouts import BaseTimeoutException

from connectors.base import ConnectorError

T = TypeVar("T")


class BrokenConnector(ConnectorError):
    """The connector itself failed: its maker must act. Only the kind of failure is told, for its text may be secret."""

    def __init__(self, error: Exception) -> None:
        super().__init__(f"The connector failed by a mistake of its own: {type(error).__name__}.", permanent=True)


def guarded(start: Callable[[], Iterable[T]]) -> Iterator[T]:
    """What a connector yields."""
    iterator: Iterator[T] | None = None
    while True:
        try:
            iterator = iter(start()) if iterator is None else iterator
            item = next(iterator)
        except StopIteration:
            return
        except (ConnectorError, BaseTimeoutException):
            raise
        except Exception as error:
            raise BrokenConnector(error) from error
        yield item


def ask(question: Callable[[], T]) -> T:
    """What a connector answers."""
    try:
        return question()
    except (ConnectorError, BaseTimeoutException):
        raise
    except Exception as error:
        raise BrokenConnector(error) from error
