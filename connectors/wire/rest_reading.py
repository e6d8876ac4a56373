"""Reading a partner's list: rounds, ranges of time, single records.

A round first walks the partner's list of deletions, where it keeps one, and then the records: whoever was deleted and
came back is alive at the end, and is not ended for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import ConnectorError, ExpiredCursor, Page, Record
from connectors.wire import converters, paging
from connectors.wire import cursor as cursors
from connectors.wire.answer import Answer
from connectors.wire.converters import Converter
from connectors.wire.mapping import dig
from connectors.wire.paging import Loop, Seen, Walk, names
from connectors.wire.rest_deletions import Held, hold, let_live, told_now
from connectors.wire.rest_stream import GONE, RestStream

_KEYS = frozenset({"since", "page", "mark", "began", "gone", "list", "held"})
_DELETIONS = "deletions"
_HOUR = dt.timedelta(hours=1)
_MOST_SEARCHED = 100  # pages
_STEPS = (dt.timedelta(), dt.timedelta(seconds=1), dt.timedelta(days=1))  # what a partner's form may cut off a time


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round stands. Times are text in UTC: the newest `mark` seen, when the round `began` by the partner's
    clock, and from when on deletions are wanted: since the last round began, if it listed any. `held` are deletions of
    this round that are not told yet."""

    walk: Walk
    mark: str | None = None
    began: str | None = None
    gone: str | None = None
    in_deletions: bool = False
    held: Held = ()

    def cursor(self) -> str:
        """The place as the cursor of a page, to go on from."""
        listed = {**({"list": _DELETIONS} if self.in_deletions else {}), **({"held": self.held} if self.held else {})}
        return cursors.write(
            since=self.walk.since, page=self.walk.page, mark=self.mark, began=self.began, gone=self.gone, **listed
        )


class Reader:
    """Walks one list. `within`, two times as text, keeps it to what changed in [since, until)."""

    def __init__(self, stream: RestStream, within: tuple[str, str] | None = None) -> None:
        self._stream = stream
        self._within = within
        self._pagination: Mapping[str, Any] = stream.described["pagination"]
        self._incremental: Mapping[str, Any] | None = stream.described["incremental"]
        tombstones = stream.described["tombstones"]
        self._flags: Mapping[str, Any] = tombstones["parameters"] if tombstones else {}
        self._deletions: Mapping[str, Any] | None = tombstones if tombstones and tombstones["kind"] == "list" else None
        self._ordered = self._incremental is not None and self._incremental["ordered"]

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Every page from the cursor on."""
        place = self._begin(cursors.read(cursor, _KEYS) if cursor else {})
        return self._pages(place)

    def range(self, cursor: str | None) -> Iterator[Page]:
        """Every page of the range; a cursor from its end brings one empty page."""
        if self._within is None or self._incremental is None:
            raise ConnectorError("The settings describe no way to ask for changes.", permanent=True)
        state = cursors.read(cursor, _KEYS) if cursor else {"since": self._within[0]}
        if "since" not in state:
            return iter([Page((), cursor or "")])
        return self._pages(self._begin({**state, "list": None}))

    def search(self, question: Mapping[str, Any]) -> Iterator[Any]:
        """Every item that the partner lists for a question; a permanent ConnectorError where that finds no end."""
        walk = Walk()
        for _ in range(_MOST_SEARCHED):
            answer = self._ask(walk, self._stream.path, question)
            if answer.status in GONE and self._pagination["kind"] == "page":
                return
            if answer.status in GONE:
                raise ConnectorError(
                    f"{answer.path} answered {answer.status}: the partner forgot this place in its list."
                )
            body = answer.json()
            items = self._stream.items(body)
            yield from items
            following = self._after(walk, Seen(answer, body, len(items), None))
            if following is None:
                return
            walk = following
        raise ConnectorError(f"The list of {self._stream.name} ignores the question for one record.", permanent=True)

    def _begin(self, state: Mapping[str, Any]) -> Place:
        mark, gone = state.get("mark"), state.get("gone")
        if "since" in state:
            walk = Walk(state["since"], state.get("page"), self._ordered and state.get("list") != _DELETIONS)
            in_deletions, held = state.get("list") == _DELETIONS, tuple(state.get("held", ()))
            return Place(walk, mark, state.get("began", mark), gone, in_deletions, held)
        if self._deletions and gone:
            return Place(Walk(self._back(gone)), mark, None, gone, True)
        return self._records(Place(Walk(), mark))

    def _records(self, place: Place) -> Place:
        """The beginning of the list of records, in a round that has seen its deletions."""
        # Behind each deletion that was just told: whoever came back since has to come, too.
        since = self._back(min(place.mark, place.gone or place.mark)) if place.mark and self._incremental else None
        return replace(place, walk=Walk(since, anchors=self._ordered), in_deletions=False)

    def _back(self, moment: str) -> str:
        return cursors.back(moment, self._incremental["overlap_seconds"] if self._incremental else 60.0)

    def _pages(self, place: Place) -> Iterator[Page]:
        following: Place | None = place
        loop = Loop()
        listed: list[Any] = []
        while following:
            here, before = following.walk, listed
            loop.check((following.in_deletions, here.since, here.page, len(following.held)))
            page, following = self._deleted_step(following) if following.in_deletions else self._step(following)
            listed = names(page)
            if listed and here.page is not None and listed == before:
                raise ConnectorError("The partner's list repeats its page: it ignores the paging parameter.", True)
            yield told_now(page, following.held) if following else page

    def _step(self, place: Place) -> tuple[Page, Place | None]:
        answer = self._ask(place.walk, self._stream.path, self._flags)
        if answer.status in GONE:
            return self._lost_place(place, answer)
        body = answer.json()
        told = self._stream.read(self._stream.items(body))
        newest = cursors.latest(record.get("updated_at") for _, record in told) if self._ordered else None
        records, deleted = self._stream.sort(filter(self._is_within, told) if self._within else told)
        place = self._advanced(replace(place, held=let_live(place.held, records)), newest, answer)
        following = self._after(place.walk, Seen(answer, body, len(told), newest))
        onward = replace(place, walk=following) if following else None
        total = dig(body, self._pagination["total"])
        cursor = onward.cursor() if onward else self._end(place)
        ended = deleted if onward else [*deleted, *place.held]
        return Page(records, cursor, ended, total if isinstance(total, int) else None), onward

    def _deleted_step(self, place: Place) -> tuple[Page, Place]:
        assert self._deletions is not None  # noqa: S101  # only a description of them leads here
        answer = self._ask(place.walk, self._deletions["path"], {})
        if answer.status in GONE:
            page, again = self._lost_place(place, answer)
            onward = again or self._records(place)
            return replace(page, cursor=onward.cursor()), onward
        body = answer.json()
        items = dig(body, self._deletions["items"])
        if not isinstance(items, list):
            raise ConnectorError(f"The answer for deletions has no list at '{self._deletions['items']}'.")
        ids = dict.fromkeys(str(found) for item in items if (found := dig(item, self._deletions["id"])) is not None)
        place = self._advanced(replace(place, held=hold(place.held, ids)), None, answer)
        following = self._after(place.walk, Seen(answer, body, len(items), None))
        onward = replace(place, walk=following) if following else self._records(place)
        return Page((), onward.cursor(), list(ids)), onward

    def _ask(self, walk: Walk, path: str, flags: Mapping[str, Any]) -> Answer:
        accept = GONE if walk.page is not None else ()
        if walk.page is not None and self._pagination["kind"] in {"url", "link"}:
            return self._stream.site.request("GET", str(walk.page), accept=accept)
        params = {**self._stream.first(), **flags, **self._bounds(walk)}
        if walk.page is not None:
            params[self._pagination["parameter"]] = walk.page
        return self._stream.site.request("GET", path, params=params, accept=accept)

    def _bounds(self, walk: Walk) -> dict[str, Any]:
        incremental = self._incremental
        if incremental is None:
            return {}
        form = converters.make(incremental["converter"], incremental)
        bounds = {incremental["parameter"]: _not_after(walk.since, form)} if walk.since else {}
        if self._within and incremental["until_parameter"]:
            bounds[incremental["until_parameter"]] = _not_before(self._within[1], form)
        return bounds

    def _after(self, walk: Walk, seen: Seen) -> Walk | None:
        if self._within and self._ordered and seen.newest and seen.newest >= self._within[1]:
            return None
        following = paging.after(walk, seen, self._pagination)
        if following and self._pagination["kind"] in {"url", "link"}:
            return replace(following, page=self._stream.site.forget(str(following.page)))
        return following

    def _lost_place(self, place: Place, answer: Answer) -> tuple[Page, Place | None]:
        """A page number behind the end is the end; a dead cursor goes on at the last time seen, if there is order."""
        if answer.status == 404 and self._pagination["kind"] == "page":
            return Page((), self._end(place), () if place.in_deletions else place.held), None
        if place.walk.anchors and place.mark:
            resumed = replace(place, walk=replace(place.walk, since=place.mark, page=None))
            return Page((), resumed.cursor()), resumed
        if place.held:  # told before the round begins again, for that would not hear of them
            freed = replace(place, held=())
            return Page((), freed.cursor(), place.held), freed
        raise ExpiredCursor(f"{answer.path} answered {answer.status}: the partner forgot this place in its list.")

    def _advanced(self, place: Place, newest: str | None, answer: Answer) -> Place:
        began = place.began or cursors.clock(answer.headers.get("Date"))
        mark = max(place.mark or "", cursors.not_later(newest) or "") if self._ordered else place.mark
        return replace(place, began=began, mark=mark or None)

    def _end(self, place: Place) -> str:
        """Where the next round begins: at the newest time seen, or without order when this round began."""
        newest = place.mark if self._ordered else place.began
        mark = newest if self._incremental else None
        if not self._deletions:
            return cursors.write(mark=mark)
        # The clock of the records may be behind the one of the Date header; asked too early, deletions come twice.
        return cursors.write(mark=mark, gone=min(filter(None, (place.began, mark)), default=None))

    def _is_within(self, told: tuple[Any, Record]) -> bool:
        time = cursors.latest([told[1].get("updated_at")])
        return time is None or self._within is None or self._within[0] <= time < self._within[1]


def find(stream: RestStream, reference: str) -> str | None:
    """Ask the list for our reference, and read on where it hands out other records as well."""
    known = stream.described["reference"]
    if known is None:
        raise ConnectorError("The settings name no reference to look up.", permanent=True)
    for item in Reader(stream).search({known["parameter"]: reference}):
        if isinstance(item, dict) and dig(item, known["field"]) == reference and not stream.is_deleted(item):
            if (external_id := stream.external_id(item)) is None:
                raise ConnectorError(f"The partner has {reference} already, under an id that cannot be read.", True)
            return external_id
    return None


def fetch_raw(stream: RestStream, external_id: str) -> Answer | None:
    """The answer that holds one record, or None when the partner has none of this id."""
    if stream.described["fetch"] is None:
        raise ConnectorError("The settings describe no address of a single record.", permanent=True)
    answer = stream.site.request("GET", stream.address(external_id), accept=GONE)
    return None if answer.status in GONE else answer


def fetch(stream: RestStream, external_id: str) -> Record | None:
    """One record in our shape, or None when the partner has deleted it or never had it."""
    answer = fetch_raw(stream, external_id)
    item = dig(answer.json(), stream.described["fetch"]["record"]) if answer else None
    if answer is None or stream.is_deleted(item):
        return None
    if not isinstance(item, dict):
        raise ConnectorError(f"{answer.path} answered without a record at '{stream.described['fetch']['record']}'.")
    return stream.ours(item)


def _not_after(since: str, form: Converter) -> Any:
    """The bound in the partner's form. In an hour that its clocks show twice: the time before the first of the two."""
    told, moment = form.push(since), cursors.moment(since)
    is_shown_twice = moment is not None and form.push(cursors.text(moment + _HOUR)) == told
    return form.push(cursors.back(since, _HOUR.total_seconds())) if is_shown_twice else told


def _not_before(until: str, form: Converter) -> Any:
    """The bound in the partner's form, which may be coarser, but not before `until`: what is beyond we cut off."""
    moments = [cursors.text(moment + step) for step in _STEPS if (moment := cursors.moment(until))]
    return next(
        (told for each in moments if (cursors.latest([form.pull(told := form.push(each))]) or "") >= until),
        form.push(moments[-1]),
    )
