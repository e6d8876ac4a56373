"""A partner's JSON API, described by the link's settings. The defaults fit an API that lists our own record shape."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from connectors.base import STREAMS, Change, Connector, ConnectorError, ExpiredCursor, Page, Pushed, Record, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.http import Answer, Http, Site
from connectors.wire import cursor as cursors
from connectors.wire import paging
from connectors.wire.description import ApiDescription
from connectors.wire.mapping import CONVERTERS, Rule, dig, to_ours, to_theirs
from connectors.wire.paging import Seen, Walk

_IDS = ("external_id", "customer_external_id", "version")
_OWNED_BY_PARTNER = ("external_id", "updated_at", "version")
_GONE = (404, 410)
_CURSOR_KEYS = frozenset({"since", "page", "mark"})


class Rest(Connector):
    """A partner's JSON API over HTTP."""

    name = "rest"
    title = "JSON API (REST)"
    streams = STREAMS
    can = frozenset({"pull", "push", "tombstones", "full_listing"})

    class Settings(ApiDescription):
        """The description of the partner's API."""

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        self.streams = tuple(settings["streams"])
        if settings["tombstones"] is None:
            self.can = self.can - {"tombstones"}
        self._site = _site(settings, http)
        self._rules = {name: _rules(stream) for name, stream in settings["streams"].items()}

    def check(self) -> None:
        """Ask every stream for one record."""
        for stream in self.streams:
            answer = self._site.request("GET", self._path(stream), params={**self._limit(1), **self._first()})
            self._items(stream, answer.json())

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk the list from the cursor on, each page with the cursor behind it."""
        walk: Walk | None = self._begin(cursor)
        listed: list[str] = []
        while walk:
            here, page_ids = walk, listed
            page, walk = self._step(stream, here)
            listed = [*(str(record.get("external_id")) for record in page.records), *page.deleted]
            if listed and here.page is not None and listed == page_ids:
                raise ConnectorError(
                    "The partner's list repeats its page: it ignores the paging parameter.", permanent=True
                )
            yield page

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Send the changes one by one."""
        write = {"create": self._create, "update": self._update, "delete": self._delete}
        for change in changes:
            yield _outcome(partial(write[change.op], stream, change), change)

    def find(self, stream: str, reference: str) -> str | None:
        """Ask the list for the reference; an API that ignores the question names no match."""
        known = self.settings["reference"]
        if known is None:
            raise ConnectorError("The settings name no reference to look up.", permanent=True)
        params = {known["parameter"]: reference, **self._first()}
        body = self._site.request("GET", self._path(stream), params=params).json()
        for item in self._items(stream, body):
            if isinstance(item, dict) and dig(item, known["field"]) == reference and not self._is_deleted(item):
                return self._external_id(stream, item)
        return None

    # Reading

    def _begin(self, cursor: str | None) -> Walk:
        incremental = self.settings["incremental"]
        state = cursors.read(cursor, _CURSOR_KEYS) if cursor else {"mark": None}
        anchors = incremental is not None and incremental["ordered"]
        if "since" in state:
            return Walk(state["since"], state.get("page"), state.get("mark"), anchors)
        mark = state["mark"]
        since = cursors.back(mark, incremental["overlap_seconds"]) if mark and incremental else None
        return Walk(since, None, mark, anchors)

    def _step(self, stream: str, walk: Walk) -> tuple[Page, Walk | None]:
        answer = self._ask(stream, walk)
        if answer.status in _GONE:
            return self._lost_place(walk, answer)
        body = answer.json()
        items = self._items(stream, body)
        records, deleted, newest = self._sort(stream, items)
        walk = replace(walk, mark=self._mark(walk, newest, answer))
        following = paging.after(walk, Seen(answer, body, len(items), newest), self.settings["pagination"])
        total = dig(body, self.settings["pagination"]["total"])
        return Page(records, _cursor(following, walk), deleted, total if isinstance(total, int) else None), following

    def _ask(self, stream: str, walk: Walk) -> Answer:
        pagination, incremental, tombstones = (
            self.settings[name] for name in ("pagination", "incremental", "tombstones")
        )
        accept = _GONE if walk.page is not None else ()
        if walk.page is not None and pagination["kind"] in {"url", "link"}:
            return self._site.request("GET", str(walk.page), accept=accept)
        tombstones = self.settings["tombstones"] or {"parameters": {}}
        params = {**self._limit(pagination["limit"]), **tombstones["parameters"], **self._first()}
        if walk.since and incremental:
            params[incremental["parameter"]] = CONVERTERS[incremental["converter"]].push(walk.since)
        if walk.page is not None:
            params[pagination["parameter"]] = walk.page
        return self._site.request("GET", self._path(stream), params=params, accept=accept)

    def _lost_place(self, walk: Walk, answer: Answer) -> tuple[Page, Walk | None]:
        """A page number behind the end is the end; a dead cursor goes on at the last time seen, if there is order."""
        if answer.status == 404 and self.settings["pagination"]["kind"] == "page":
            return Page((), _cursor(None, walk)), None
        if walk.anchors and walk.mark:
            resumed = replace(walk, since=walk.mark, page=None)
            return Page((), _cursor(resumed, walk)), resumed
        raise ExpiredCursor(f"{answer.path} answered {answer.status}: the partner forgot this place in its list.")

    def _items(self, stream: str, body: Any) -> list[Any]:
        items = dig(body, self.settings["streams"][stream]["items"])
        if not isinstance(items, list):
            raise ConnectorError(
                f"The answer for {stream} has no list at '{self.settings['streams'][stream]['items']}'."
            )
        return items

    def _sort(self, stream: str, items: list[Any]) -> tuple[list[Record], list[str], str | None]:
        """Records and deletions of a page, the last word on each external id, and the newest time."""
        records: dict[Any, Record] = {}
        deleted: dict[str, None] = {}
        times: list[Any] = []
        for position, item in enumerate(items):
            record = self._ours(stream, item)
            times.append(record.get("updated_at"))
            external_id = record.get("external_id")
            if not isinstance(external_id, str):
                records[position] = record  # validation will say what is wrong with it
                continue
            records.pop(external_id, None)
            deleted.pop(external_id, None)
            if self._is_deleted(item):
                deleted[external_id] = None
            else:
                records[external_id] = record
        return list(records.values()), list(deleted), cursors.latest(times)

    def _ours(self, stream: str, item: Any) -> Record:
        if not isinstance(item, dict):
            return {"value": item}
        record = to_ours(item, self._rules[stream]) if self._rules[stream] else dict(item)
        if self.settings["reference"] and self._rules[stream]:
            record.setdefault("reference", dig(item, self.settings["reference"]["field"]))
        for name in _IDS:
            if isinstance(record.get(name), int):
                record[name] = str(record[name])
        return record

    def _mark(self, walk: Walk, newest: str | None, answer: Answer) -> str | None:
        """Where the next round begins: the newest time seen, or in a list without order when this round began."""
        incremental = self.settings["incremental"]
        if incremental is None:
            return None
        if not incremental["ordered"]:
            return walk.mark if walk.page is not None else cursors.clock(answer.headers.get("Date"))
        return max(walk.mark or "", cursors.not_later(newest) or "") or None

    def _is_deleted(self, item: Any) -> bool:
        tombstones = self.settings["tombstones"]
        return tombstones is not None and bool(dig(item, tombstones["field"]))

    # Writing

    def _create(self, stream: str, change: Change) -> Pushed:
        answer = self._site.request("POST", self._path(stream), body=self._body(stream, change), accept=(409,))
        if answer.status != 409:
            return self._written(stream, change, answer)
        # The partner has our reference already: an earlier attempt arrived though its answer did not.
        external_id = self.find(stream, change.key)
        if external_id is None:
            raise ConnectorError(f"{answer.path} answered 409: {answer.excerpt}", permanent=True)
        return self._update(stream, replace(change, external_id=external_id))

    def _update(self, stream: str, change: Change) -> Pushed:
        headers = {"If-Match": f'"{change.version}"'} if change.version else {}
        address, body = self._address(stream, change), self._body(stream, change)
        answer = self._site.request("PATCH", address, body=body, headers=headers, accept=(412,))
        return self._written(stream, change, answer)

    def _delete(self, stream: str, change: Change) -> Pushed:
        headers = {"If-Match": f'"{change.version}"'} if change.version else {}
        answer = self._site.request("DELETE", self._address(stream, change), headers=headers, accept=(412, *_GONE))
        return _stale(change, answer) if answer.status == 412 else Pushed(change.key, change.external_id)

    def _written(self, stream: str, change: Change, answer: Answer) -> Pushed:
        if answer.status == 412:
            return _stale(change, answer)
        item = answer.json() if answer.body.strip() else {}
        external_id = self._external_id(stream, item) or change.external_id
        if external_id is None:
            raise ConnectorError(f"{answer.path} answered {answer.status} without an id for the new record.")
        version = self._ours(stream, item).get("version") or answer.headers.get("ETag", "").removeprefix("W/").strip(
            '"'
        )
        return Pushed(change.key, external_id, str(version) if version else None)

    def _body(self, stream: str, change: Change) -> Record:
        record = {name: value for name, value in (change.record or {}).items() if name not in _OWNED_BY_PARTNER}
        try:
            body = to_theirs(record, self._rules[stream]) if self._rules[stream] else record
        except (ValueError, TypeError, AttributeError) as error:
            raise ConnectorError(f"A value does not fit the partner's field: {error}", permanent=True) from None
        return {**body, self.settings["reference"]["field"]: change.key} if self.settings["reference"] else body

    # Addresses

    def _path(self, stream: str) -> str:
        if stream not in self.settings["streams"]:
            raise ConnectorError(f"The settings describe no stream '{stream}'.", permanent=True)
        return str(self.settings["streams"][stream]["path"])

    def _address(self, stream: str, change: Change) -> str:
        if not change.external_id or not change.external_id.strip("."):
            raise ConnectorError("The record has no external id that can stand in an address.", permanent=True)
        return f"{self._path(stream)}/{quote(change.external_id, safe='')}"

    def _external_id(self, stream: str, item: Any) -> str | None:
        value = self._ours(stream, item).get("external_id")
        return value if isinstance(value, str) else None

    def _limit(self, count: int) -> dict[str, Any]:
        name = self.settings["pagination"]["limit_parameter"]
        return {name: count} if name else {}

    def _first(self) -> dict[str, Any]:
        return paging.first(self.settings["pagination"])


def _outcome(write: Callable[[], Pushed], change: Change) -> Pushed:
    try:
        return write()
    except CredentialsRefused:
        raise
    except ConnectorError as error:
        return Pushed(change.key, change.external_id, error=error)


def _stale(change: Change, answer: Answer) -> Pushed:
    error = StaleRecord(f"{answer.path} changed at the partner since it was last read.")
    return Pushed(change.key, change.external_id, error=error)


def _cursor(following: Walk | None, walk: Walk) -> str:
    if following is None:
        return cursors.write(mark=walk.mark)
    return cursors.write(since=following.since, page=following.page, mark=following.mark)


def _rules(stream: Mapping[str, Any]) -> list[Rule]:
    return [Rule(rule["ours"], rule["theirs"], CONVERTERS[rule["converter"]]) for rule in stream["rules"]]


def _site(settings: Mapping[str, Any], http: Http) -> Site:
    secrets = [settings[name] for name in ("api_key", "password", "token") if settings.get(name)]
    return http.site(settings["base_url"], _auth_headers(settings), secrets)


def _auth_headers(settings: Mapping[str, Any]) -> dict[str, str]:
    if settings["auth"] == "api_key":
        return {settings["api_key_header"]: settings["api_key"]}
    if settings["auth"] == "bearer":
        return {"Authorization": f"Bearer {settings['token']}"}
    if settings["auth"] == "basic":
        pair = f"{settings['username']}:{settings['password']}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {}
