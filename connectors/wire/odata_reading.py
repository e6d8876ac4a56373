"""Reading an entity set: rounds by the time of change or by delta links, ranges of time, single entities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from connectors.base import ConnectorError, ExpiredCursor, Page, Record
from connectors.wire import cursor as cursors
from connectors.wire import odata_literal as literals
from connectors.wire import paging
from connectors.wire.answer import Answer
from connectors.wire.mapping import dig
from connectors.wire.odata_stream import EntitySet, annotation
from connectors.wire.paging import Loop, Seen, Walk, names
from connectors.wire.rest_stream import GONE
from connectors.wire.understood import understood

_KEYS = frozenset({"since", "page", "mark", "delta"})
_FORGOTTEN = (400, *GONE)  # to a link of the service's own: it no longer knows what it meant
_SKIP = {"kind": "offset"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a round stands: the link or the number of entities to skip, and the newest time seen."""

    walk: Walk
    mark: str | None = None
    in_delta: bool = False

    def cursor(self) -> str:
        """The place as the cursor of a page, to go on from."""
        return cursors.write(since=self.walk.since, page=self.walk.page, mark=self.mark, delta=self.in_delta)


class Reader:
    """Walks one entity set. `within`, two times as text, keeps it to what changed in [since, until)."""

    def __init__(self, stream: EntitySet, within: tuple[str, str] | None = None) -> None:
        self._stream = stream
        self._described = stream.described
        self._clock = stream.clock
        self._within = (
            (stream.clock.floor(within[0]), stream.clock.ceil(within[1])) if stream.clock and within else None
        )
        self._tracks = bool(self._described["delta"]) and within is None
        self._skips = self._described["paging"] == "skip"

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """Every page from the cursor on."""
        return self._pages(self._begin(cursors.read(cursor, _KEYS) if cursor else {}))

    def range(self, cursor: str | None) -> Iterator[Page]:
        """Every page of the range; a cursor from its end brings one empty page."""
        if self._within is None:
            raise ConnectorError("The settings name no property with the time of change.", permanent=True)
        state = cursors.read(cursor, _KEYS) if cursor else {"since": self._within[0]}
        if "since" not in state:
            return iter([Page((), cursor or "")])
        return self._pages(self._begin(state))

    def _begin(self, state: Mapping[str, Any]) -> Place:
        mark, delta = state.get("mark"), state.get("delta")
        if delta and not self._tracks:
            raise ExpiredCursor("The cursor is a delta link, and the settings no longer follow such links.")
        if "since" in state:
            return Place(Walk(state["since"], state.get("page"), self._skips), mark, bool(delta))
        if delta:
            return Place(Walk(None, delta), None, in_delta=True)
        overlap = self._described["changed"]["overlap_seconds"] if self._clock else 0
        since = cursors.back(mark, overlap) if mark and not self._tracks else None
        return Place(Walk(since, anchors=self._skips), mark)

    def _pages(self, place: Place) -> Iterator[Page]:
        following: Place | None = place
        loop = Loop()
        listed: list[Any] = []
        while following:
            here, before = following.walk, listed
            loop.check((following.in_delta, here.since, here.page))
            page, following = self._step(following)
            listed = names(page)
            if self._skips and listed and here.page is not None and listed == before:
                raise ConnectorError("The service repeats its page: it ignores $skip.", permanent=True)
            yield page

    @understood("The service")
    def _step(self, place: Place) -> tuple[Page, Place | None]:
        answer = self._ask(place.walk)
        if answer.status in _FORGOTTEN:
            return self._lost_place(place, answer)
        body = answer.json()
        items = self._stream.items(body)
        if place.in_delta:
            told = (self._whole(item) for item in items if not self._stream.is_link(item))
            items = [item for item in told if item is not None]
        times = [cursors.latest([self._told(item)]) for item in items]
        kept = [item for item, time in zip(items, times, strict=True) if self._is_within(time)]
        records, deleted = self._stream.sort(self._stream.read(kept))
        newest = cursors.latest(times)
        place = replace(place, mark=max(place.mark or "", cursors.not_later(newest) or "") or None)
        following = self._after(place.walk, Seen(answer, body, len(items), newest))
        onward = replace(place, walk=following) if following else None
        total = annotation(body, "count")
        cursor = onward.cursor() if onward else self._end(place, answer, body)
        return Page(records, cursor, deleted, int(total) if str(total).isdecimal() else None), onward

    def _ask(self, walk: Walk) -> Answer:
        size = self._described["page_size"]
        prefer = f"odata.maxpagesize={size}"
        if isinstance(walk.page, str):
            return self._stream.ask(walk.page, prefer=prefer, accept=_FORGOTTEN)
        options: dict[str, Any] = {**self._stream.shown(), **self._filter(walk)}
        if not self._tracks:
            options["$orderby"] = ",".join([*([self._clock.name] if self._clock else []), *self._stream.key.properties])
        if self._skips:
            options |= {"$top": size, "$skip": walk.page or 0}
        if self._described["count"]:
            options["$count"] = "true"
        return self._stream.ask(self._stream.path, options, f"{prefer},odata.track-changes" if self._tracks else prefer)

    def _filter(self, walk: Walk) -> dict[str, str]:
        clauses = [self._described["filter"]] if self._described["filter"] else []
        if self._clock and walk.since:
            clauses.append(f"{self._clock.name} ge {self._clock.literal(walk.since)}")
        if self._clock and self._within:
            clauses.append(f"{self._clock.name} lt {self._clock.literal(self._within[1])}")
        if len(clauses) > 1:
            clauses = [f"({clause})" for clause in clauses]
        return {"$filter": " and ".join(clauses)} if clauses else {}

    def _after(self, walk: Walk, seen: Seen) -> Walk | None:
        if self._skips:
            return paging.after(walk, seen, _SKIP)
        link = self._link(seen.answer, seen.body, "nextLink")
        return replace(walk, page=link) if link else None

    def _link(self, answer: Answer, body: Any, name: str) -> str | None:
        link = annotation(body, name)
        return self._stream.site.forget(urljoin(answer.url, str(link))) if link else None

    def _end(self, place: Place, answer: Answer, body: Any) -> str:
        """Where the next round begins: at the service's delta link, or at the newest time seen."""
        if not self._tracks:
            return cursors.write(mark=place.mark)
        link = self._link(answer, body, "deltaLink")
        if link is None:
            raise ConnectorError(f"The service tracks no changes of {self._stream.path}: set `delta` to false.", True)
        return cursors.write(delta=link)

    def _lost_place(self, place: Place, answer: Answer) -> tuple[Page, Place | None]:
        """A list ordered by time goes on at the newest time seen; anything else has to begin again."""
        if place.mark and self._clock and not self._tracks:
            resumed = replace(place, walk=replace(place.walk, since=place.mark, page=None))
            return Page((), resumed.cursor()), resumed
        raise ExpiredCursor(f"{answer.path} answered {answer.status}: the service no longer knows this link.")

    def _whole(self, item: Any) -> Any:
        """An entry of a delta with all that we map; None when it is gone by now, as a later entry will tell."""
        external_id = self._stream.key.of(item)
        if external_id is None or not self._stream.is_partial(item):
            return item
        return fetch_item(self._stream, external_id)

    def _told(self, item: Any) -> Any:
        return item.get(self._clock.name) if self._clock and isinstance(item, dict) else None

    def _is_within(self, time: str | None) -> bool:
        return time is None or self._within is None or self._within[0] <= time < self._within[1]


@understood("The service")
def find(stream: EntitySet, reference: str) -> str | None:
    """Ask for our reference; a service that ignores the question names no match."""
    known = stream.described["reference"]
    if known is None:
        raise ConnectorError("The settings name no reference to look up.", permanent=True)
    options = {**stream.shown(), "$filter": f"{known['field']} eq {literals.string(reference)}"}
    for item in stream.items(stream.ask(stream.path, options).json()):
        if isinstance(item, dict) and dig(item, known["field"]) == reference and not stream.is_deleted(item):
            if (external_id := stream.key.of(item)) is None:
                raise ConnectorError(f"The service has {reference} already, under a key that cannot be read.", True)
            return external_id
    return None


@understood("The service")
def fetch_item(stream: EntitySet, external_id: str) -> dict[str, Any] | None:
    """One entity as the service tells it, or None when it has none of this id, or only its remains."""
    try:
        stream.key.predicate(external_id)
    except ValueError:
        return None
    answer = stream.ask(stream.address(external_id), stream.shown(), accept=GONE)
    item = None if answer.status in GONE else answer.json()
    if answer.status in GONE or stream.is_deleted(item):
        return None
    if not isinstance(item, dict) or stream.key.of(item) is None:
        raise ConnectorError(f"{answer.path} answered without an entity.")
    return item


def fetch(stream: EntitySet, external_id: str) -> Record | None:
    """One record in our shape, or None."""
    item = fetch_item(stream, external_id)
    return stream.ours(item) if item else None
