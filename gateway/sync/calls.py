"""Calling a connector: whatever a plugin throws comes out as a ConnectorError."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeGuard, TypeVar

from rq.timeouts import BaseTimeoutException

from connectors.base import ConnectorError, Page
from schemas.base import storable

T = TypeVar("T")
_LONGEST_ID = 200
_MOST_RECORDS = 10**12


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


def pages(start: Callable[[], Iterable[Page]]) -> Generator[Page]:
    """The pages that a connector yields; deleted names that no record here can have, and odd totals, are left out."""
    for page in guarded(start):
        if not isinstance(page.cursor, str) or not storable(page.cursor):
            raise ConnectorError(
                "The connector failed by a mistake of its own: a cursor that is no text.", permanent=True
            )
        is_plain = not page.deleted and page.total is None
        yield page if is_plain else replace(page, deleted=names(page.deleted), total=_counted(page.total))


def _counted(total: Any) -> int | None:
    """A number of records that there can be."""
    return total if type(total) is int and 0 <= total <= _MOST_RECORDS else None


def names(external_ids: Iterable[Any]) -> list[str]:
    """Those of a partner's external ids that can be one."""
    return [each for each in external_ids if is_name(each)]


def is_name(external_id: Any) -> TypeGuard[str]:
    """Whether this can be the external id of a record: a storable text of 1 to 200 letters."""
    return isinstance(external_id, str) and 0 < len(external_id) <= _LONGEST_ID and storable(external_id)
