"""An OData service that tracks changes, which SAP's server does not: delta links, and removed entries in both forms."""

from __future__ import annotations

import threading
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.connectors.fake_partner import _json as answer_json

Row = dict[str, Any]
SECRET = "delta-sırrı".encode().hex()
PAGE = 3


class TrackingService:
    """One set, `Bayiler`, with rows by id and a log of `(id, row or None)`; a token is a place in that log."""

    def __init__(self, spelling: str = "@odata.") -> None:
        self.spelling = spelling
        self.rows: dict[str, Row] = {}
        self.log: list[tuple[str, Row | None]] = []
        self.tracks = True
        self.told: set[str] | None = None  # the properties that a change tells of, None: all
        self.hides = False  # every entity asked for by its key
        self.host = ""  # in front of every link
        self.url = ""
        self._forgotten = 0
        self._lock = threading.Lock()
        self._serial = 0

    # The levers of a test

    def add(self, stream: str, records: list[Row]) -> list[str]:
        return [self._put(self._next_id(), self._row(record)) for record in records]

    def change(self, stream: str, external_id: str, fields: Row) -> None:
        self._put(external_id, self.rows[external_id] | self._row(fields))

    def restore(self, stream: str, external_id: str, record: Row) -> None:
        self._put(external_id, self._row(record))

    def remove(self, stream: str, external_id: str) -> None:
        with self._lock:
            del self.rows[external_id]
            self.log.append((external_id, None))

    def ids(self, stream: str) -> list[str]:
        return [*self.rows]

    def forget(self) -> None:
        """Expire every token handed out so far."""
        self._forgotten = len(self.log) + 1

    # The server

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        with self._lock:
            return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.headers.get("X-Api-Key") != SECRET:
            return answer_json(401, {"error": {"message": "Geçersiz anahtar"}})
        if request.path != "/Bayiler":
            return self._one(request.path.removeprefix("/Bayiler('").removesuffix("')"))
        token = request.args.get("$deltatoken")
        if token is not None and int(token) < self._forgotten:
            return answer_json(410, {"error": {"message": "Gone"}})
        return answer_json(200, self._changes(int(token)) if token is not None else self._listing(request))

    def _one(self, external_id: str) -> Response:
        row = None if self.hides else self.rows.get(external_id)
        return answer_json(200, self._entity(external_id, row)) if row else answer_json(404, {})

    def _listing(self, request: Request) -> Row:
        after, since = request.args.get("$skiptoken", "").rpartition("~")[::2]
        since = since or str(len(self.log))  # what happens while the list is read is told by the delta
        following = [each for each in sorted(self.rows) if each > after]
        value = [self._entity(each, self.rows[each]) for each in following[:PAGE]]
        if following[PAGE:]:
            return self._page(value, "nextLink", f"$skiptoken={following[PAGE - 1]}~{since}")
        tracks = self.tracks and ("odata.track-changes" in request.headers.get("Prefer", "") or bool(after))
        return self._page(value, "deltaLink" if tracks else None, f"$deltatoken={since}")

    def _changes(self, since: int) -> Row:
        value = [self._change(*entry) for entry in self.log[since : since + PAGE]]
        kind = "nextLink" if self.log[since + PAGE :] else "deltaLink"
        return self._page(value, kind, f"$deltatoken={since + len(value)}")

    def _page(self, value: list[Row], link: str | None, query: str) -> Row:
        return {"value": value, **({self.spelling + link: f"{self.host}Bayiler?{query}"} if link else {})}

    def _change(self, external_id: str, row: Row | None) -> Row:
        if row is not None:
            entity = self._entity(external_id, row)
            return {name: value for name, value in entity.items() if self.told is None or name in self.told}
        if self.spelling == "@odata.":
            context = f"{self.url}/$metadata#Bayiler/$deletedEntity"
            return {"@odata.context": context, "id": f"Bayiler('{external_id}')", "reason": "deleted"}
        return {"@removed": {"reason": "deleted"}, "@id": f"{self.url}/Bayiler('{external_id}')"}

    def _entity(self, external_id: str, row: Row) -> Row:
        return {"No": external_id, f"{self.spelling}etag": f'W/"{self.log.index((external_id, row))}"', **row}

    def _put(self, external_id: str, row: Row) -> str:
        with self._lock:
            self.rows[external_id] = row
            self.log.append((external_id, row))
            return external_id

    def _row(self, record: Row) -> Row:
        names = {"organisation_name": "Ünvan", "kind": "Tür"}
        return {theirs: record[ours] for ours, theirs in names.items() if ours in record}

    def _next_id(self) -> str:
        self._serial += 1
        return f"İ-{self._serial:04}"
