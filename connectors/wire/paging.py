"""The ways in which JSON APIs hand out a long list, each answering one question: where does the next page start?

Page numbers and offsets lose a record when an earlier one leaves the list in mid-walk. Where the list is ordered by the
time of change we therefore move the lower bound along, and count pages only inside one and the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import ConnectorError, Page
from connectors.wire import link_header
from connectors.wire.answer import Answer
from connectors.wire.mapping import dig

Pagination = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a walk along a list stands: its lower bound in time and the partner's place in the list."""

    since: str | None = None
    page: str | int | None = None
    anchors: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What one answer held."""

    answer: Answer
    body: Any
    count: int
    newest: str | None


class Loop:
    """Notices a list that leads back to an earlier page, by keeping one place (Brent's algorithm)."""

    def __init__(self) -> None:
        self._kept: Any = None
        self._steps = 0
        self._patience = 1

    def check(self, place: Any) -> None:
        """Take note of the next place; a permanent ConnectorError on one that was there before."""
        if place == self._kept:
            raise ConnectorError("The partner's list does not move on: it leads back to an earlier page.", True)
        self._steps += 1
        if self._steps == self._patience:
            self._kept, self._steps, self._patience = place, 0, self._patience * 2


def names(page: Page) -> list[Any]:
    """Whom a page speaks of, to tell a page that comes twice."""
    return [*[record.get("external_id") for record in page.records], *page.deleted]


def after(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    """Where the walk goes on, or None at the end of the list."""
    return _KINDS[pagination["kind"]](walk, seen, pagination)


def first(pagination: Pagination) -> dict[str, Any]:
    """The query of the first page of a list: numbered pages and offsets say where they begin."""
    start = {"page": pagination["first_page"], "offset": 0}.get(pagination["kind"])
    return {} if start is None else {pagination["parameter"]: start}


def _token(walk: Walk, token: Any) -> Walk | None:
    if token in (None, "", False):
        return None
    if str(token) == walk.page:
        raise ConnectorError("The partner's list does not move on: the next page is the same page.", permanent=True)
    return replace(walk, page=str(token))


def _cursor(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    return _token(walk, dig(seen.body, pagination["next"]))


def _url(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    link = dig(seen.body, pagination["next"])
    return _token(walk, link and seen.answer.link(str(link)))


def _link(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    following = link_header.target(seen.answer.headers.get("Link", ""), "next")
    return _token(walk, following and seen.answer.link(following))


def _numbered(walk: Walk, seen: Seen, start: int, step: int) -> Walk | None:
    # A short page proves nothing: some partners hand out fewer than asked for. Only an empty one is the end.
    if not seen.count:
        return None
    if walk.anchors and seen.newest and (walk.since is None or seen.newest > walk.since):
        return replace(walk, since=seen.newest, page=None)
    return replace(walk, page=(start if walk.page is None else int(walk.page)) + step)


def _page(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    return _numbered(walk, seen, pagination["first_page"], 1)


def _offset(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    return _numbered(walk, seen, 0, seen.count)


def _none(walk: Walk, seen: Seen, pagination: Pagination) -> Walk | None:
    return None


_KINDS: dict[str, Callable[[Walk, Seen, Pagination], Walk | None]] = {
    "cursor": _cursor,
    "url": _url,
    "link": _link,
    "page": _page,
    "offset": _offset,
    "none": _none,
}
KINDS = tuple(_KINDS)
