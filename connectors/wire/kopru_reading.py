"""Reading another gateway's extranet: rounds and ranges in the order of change, single records, our references."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from connectors.base import ConnectorError, Page, Record
from connectors.http import Answer, Site
from connectors.wire import cursor as cursors
from connectors.wire.kopru_records import Customers, Interactions, Translation
from connectors.wire.paging import Loop
from connectors.wire.understood import understood

_WHOSE = "The other gateway"
_KEYS = frozenset({"since", "place", "mark"})
_CLOCKS_APART = dt.timedelta(days=1)
_SEARCHED = 200


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round stands: its lower bound in time, the other gateway's cursor, and the newest time seen."""

    since: str | None = None
    place: str | None = None
    mark: str | None = None


def begin(cursor: str | None, overlap_seconds: float) -> Walk:
    """The walk that a cursor stands for; after a whole round, one from a little before its newest record."""
    state = cursors.read(cursor, _KEYS) if cursor is not None else {}
    mark = state.get("mark")
    if "since" in state:
        return Walk(**state)
    return Walk(cursors.back(mark, overlap_seconds) if mark else None, mark=mark)


def resume(cursor: str | None, since: str) -> Walk | None:
    """The walk along a range, or None behind its end."""
    state = cursors.read(cursor, _KEYS) if cursor is not None else {"since": since}
    return Walk(**state) if "since" in state else None


def pages(site: Site, kind: Translation, walk: Walk, size: int, until: dt.datetime | None = None) -> Iterator[Page]:
    """Every page from the walk's place on."""
    following: Walk | None = walk
    loop = Loop()
    while following:
        loop.check((following.since, following.place))
        page, following = _step(site, kind, following, size, until)
        yield page


@understood(_WHOSE)
def _step(site: Site, kind: Translation, walk: Walk, size: int, until: dt.datetime | None) -> tuple[Page, Walk | None]:
    answer = _ask(site, kind, walk, size)
    if answer.status == 400:
        # It forgot its cursor. The list is in the order of change, so it goes on at the newest time seen.
        onward = replace(walk, since=walk.mark or walk.since, place=None)
        return Page((), cursors.write(**asdict(onward))), onward
    items, place = _listed(answer)
    times = [cursors.moment(item.get("updated_at")) for item in items]
    is_over = place is None or any(until and time and time >= until for time in times)
    kept = [item for item, time in zip(items, times, strict=True) if not (until and time and time >= until)]
    mark = cursors.latest([walk.mark, cursors.not_later(cursors.latest(item.get("updated_at") for item in items))])
    following = None if is_over else replace(walk, place=place, mark=mark)
    cursor = cursors.write(**asdict(following)) if following else cursors.write(mark=mark)
    gone = [item["id"] for item in kept if kind.is_withdrawn(item)]
    return Page([kind.ours(item) for item in kept if not kind.is_withdrawn(item)], cursor, gone), following


def _ask(site: Site, kind: Translation, walk: Walk, size: int) -> Answer:
    params: dict[str, Any] = {"sort": "updated_at", "limit": size}
    params |= {"updated_since": walk.since} if walk.since else {}
    params |= {"cursor": walk.place} if walk.place else {}
    return site.request("GET", kind.path, params=params, accept=(400,) if walk.place else ())


def _listed(answer: Answer) -> tuple[list[Any], str | None]:
    body = answer.json()
    items, place = body["items"], body["next"]
    if not isinstance(items, list) or not isinstance(place, str | None):
        raise TypeError("no list")
    if not all(isinstance(item["id"], str) for item in items):
        raise TypeError("no ids")
    return items, place or None


@understood(_WHOSE)
def shown(kind: Translation, item: Mapping[str, Any]) -> Record:
    """One record in our shape."""
    return kind.ours(item)


def address(kind: Translation, external_id: str) -> str:
    """Where one record stands; a permanent ConnectorError for what is no id of a gateway."""
    if not _is_id(external_id):
        raise ConnectorError(f"'{external_id}' is no id of a gateway's record.", permanent=True)
    return f"{kind.path}/{external_id}"


@understood(_WHOSE)
def show(site: Site, kind: Translation, external_id: str) -> Any:
    """One record as the other gateway shows it, None when it shows us none."""
    if not _is_id(external_id):
        return None
    answer = site.request("GET", address(kind, external_id), accept=(404,))
    return None if answer.status == 404 else dict(answer.json())


@understood(_WHOSE)
def find_customer(site: Site, kind: Customers, reference: str) -> str | None:
    """The customer that carries our reference."""
    params = {"identifier": f"{kind.system}:{reference}", "fields": "id,identifiers", "limit": 1}
    items, _ = _listed(site.request("GET", kind.path, params=params))
    if any(kind.reference(item) != reference for item in items):
        raise ConnectorError(f"{_WHOSE} was asked for {reference} and answered with another customer.", permanent=True)
    return items[0]["id"] if items else None


@understood(_WHOSE)
def find_interaction(site: Site, kind: Interactions, reference: str) -> str | None:
    """The interaction that carries our reference, looked for from the newest back to when the reference was made."""
    params: dict[str, Any] = {"sort": "-created_at", "fields": "id,created_at,attributes", "limit": _SEARCHED}
    born, loop = _made_at(reference), Loop()
    while True:
        items, place = _listed(site.request("GET", kind.path, params=params))
        for item in items:
            if kind.reference(item) == reference:
                return str(item["id"])
        made = cursors.moment(items[-1]["created_at"]) if items else None
        if place is None or (born and made and made < born - _CLOCKS_APART):
            return None
        loop.check(place)
        params["cursor"] = place


def _made_at(reference: str) -> dt.datetime | None:
    """When a UUIDv7 (RFC 9562 section 5.7) was made; None for any other reference."""
    if not _is_id(reference) or UUID(reference).version != 7:
        return None
    return dt.datetime.fromtimestamp((UUID(reference).int >> 80) / 1000, dt.UTC)


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
