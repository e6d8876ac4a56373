"""A partner's JSON API in memory, served over real HTTP: every paging style, tombstones, versions, references."""

from __future__ import annotations

import base64
import datetime as dt
import json
import threading
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request, Response

from connectors.contract.serving import serve

__all__ = ["API_KEY", "CLIENT_SECRET", "FakePartner", "TokenPartner", "serve"]

Json = dict[str, Any]
API_KEY = "çok-gizli-anahtar".encode().hex()
CLIENT_SECRET = b"daha-da-gizli".hex()


class FakePartner:
    """Keeps `{stream: {external_id: record}}`; `clock` is its own time and moves with every write."""

    def __init__(self, paging: str = "cursor", page_size: int = 3) -> None:
        self.paging = paging
        self.page_size = page_size
        self.clock = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        self.tables: dict[str, dict[str, Json]] = {"customers": {}, "interactions": {}}
        self.requests: list[Request] = []
        self.form = "%Y-%m-%dT%H:%M:%S.%fZ"
        self.url = ""
        self._lock = threading.Lock()
        self._serial = 0
        self._restored = 0

    # The levers of a test

    def add(self, stream: str, records: list[Json]) -> list[str]:
        """Store records, all at one and the same time."""
        with self._lock:
            at = self._tick()
            return [self._store(stream, record, at)["external_id"] for record in records]

    def change(self, stream: str, external_id: str, fields: Json) -> None:
        with self._lock:
            item = self.tables[stream][external_id]
            item.update(fields, updated_at=self._tick(), version=str(int(item["version"]) + 1))

    def remove(self, stream: str, external_id: str) -> None:
        with self._lock:
            at = self._tick()
            self.tables[stream][external_id] = {"external_id": external_id, "deleted_at": at, "updated_at": at}

    def restore(self, stream: str, external_id: str, record: Json) -> None:
        with self._lock:
            self._restored += 1
            version = str(1000 * self._restored)  # like every change, none that was there before
            own = {"external_id": external_id, "updated_at": self._tick(), "version": version}
            self.tables[stream][external_id] = {**record, **own}

    def add_late(self, stream: str, records: list[Json], seconds: float) -> list[str]:
        with self._lock:
            at = self._told(self.clock - dt.timedelta(seconds=seconds))
            return [self._store(stream, record, at)["external_id"] for record in records]

    def shift_clock(self, seconds: float) -> None:
        self.clock = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)

    def cut_times(self) -> None:
        self.form = "%Y-%m-%dT%H:%M:%SZ"

    def ids(self, stream: str) -> list[str]:
        return [item["external_id"] for item in self.records(stream)]

    def records(self, stream: str) -> list[Json]:
        return [item for item in self.tables[stream].values() if "deleted_at" not in item]

    # The server

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        with self._lock:
            self.requests.append(request)
            return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        _, stream, *rest = request.path.split("/")
        if not self._may_enter(request):
            return _json(401, {"error": "bad key", "seen": request.headers.get("X-Api-Key")})
        if stream not in self.tables:
            return _json(404, {"error": "no such list"})
        if rest:
            return self._item(request, stream, rest[0])
        return self._create(request, stream) if request.method == "POST" else self._list(request, stream)

    def _may_enter(self, request: Request) -> bool:
        return request.headers.get("X-Api-Key") == API_KEY

    def _item(self, request: Request, stream: str, external_id: str) -> Response:
        item = self.tables[stream].get(external_id)
        if item is None or "deleted_at" in item:
            return _json(404, {"error": "no such record"})
        if request.method == "GET":
            return _json(200, item)
        if request.headers.get("If-Match", f'"{item["version"]}"') != f'"{item["version"]}"':
            return _json(412, {"error": "changed"})
        at = self._tick()
        if request.method == "DELETE":
            self.tables[stream][external_id] = {"external_id": external_id, "deleted_at": at, "updated_at": at}
            return Response(status=204)
        item.update(request.get_json(), updated_at=at, version=str(int(item["version"]) + 1))
        return _json(200, item)

    def _create(self, request: Request, stream: str) -> Response:
        record = request.get_json()
        twin = next((item for item in self.records(stream) if item.get("reference") == record.get("reference")), None)
        if twin and record.get("reference"):
            return _json(409, {"error": "reference in use", "external_id": twin["external_id"]})
        return _json(201, self._store(stream, record, self._tick()))

    def _list(self, request: Request, stream: str) -> Response:
        args = request.args
        items = sorted(self.tables[stream].values(), key=lambda item: (item["updated_at"], item["external_id"]))
        items = [item for item in items if item["updated_at"] >= args.get("updated_since", "")]
        if args.get("include_deleted") != "true":
            items = [item for item in items if "deleted_at" not in item]
        if "reference" in args:
            items = [item for item in items if item.get("reference") == args["reference"]]
        page: Callable[[Request, list[Json], int], Response] = getattr(self, f"_by_{self.paging}")
        return page(request, items, min(int(args.get("limit", 50)), self.page_size))

    def _by_cursor(self, request: Request, items: list[Json], limit: int) -> Response:
        try:
            after = json.loads(base64.urlsafe_b64decode(request.args.get("cursor") or "W10="))
            items = [item for item in items if [item["updated_at"], item["external_id"]] > after]
        except (ValueError, TypeError):
            return _json(400, {"error": "bad cursor"})
        return _json(200, {"items": items[:limit], "next": _place(items[limit - 1]) if items[limit:] else None})

    def _by_url(self, request: Request, items: list[Json], limit: int) -> Response:
        answer = self._by_cursor(request, items, limit).get_json()
        return _json(200, {**answer, "next": answer["next"] and self._next(request, answer["next"])})

    def _by_link(self, request: Request, items: list[Json], limit: int) -> Response:
        answer = self._by_cursor(request, items, limit).get_json()
        response = _json(200, {"items": answer["items"]})
        if answer["next"]:
            response.headers["Link"] = f'<{self._next(request, answer["next"])}>; rel="next"'
        return response

    def _by_page(self, request: Request, items: list[Json], limit: int) -> Response:
        start = (int(request.args["page"]) - 1) * limit
        return _json(200, {"items": items[start : start + limit]})

    def _by_offset(self, request: Request, items: list[Json], limit: int) -> Response:
        start = int(request.args["offset"])
        return _json(200, {"items": items[start : start + limit]})

    def _next(self, request: Request, cursor: str) -> str:
        kept = {name: value for name, value in request.args.items() if name != "cursor"}
        query = "&".join(f"{name}={value}" for name, value in {**kept, "cursor": cursor}.items())
        return f"{request.path}?{query}"

    def _store(self, stream: str, record: Json, at: str) -> Json:
        self._serial += 1
        external_id = f"{stream[:1].upper()}-{self._serial:05}"
        self.tables[stream][external_id] = {**record, "external_id": external_id, "updated_at": at, "version": "1"}
        return self.tables[stream][external_id]

    def _tick(self) -> str:
        self.clock += dt.timedelta(milliseconds=10)
        return self._told(self.clock)

    def _told(self, moment: dt.datetime) -> str:
        return moment.strftime(self.form)


class TokenPartner(FakePartner):
    """The same behind OAuth 2 client credentials (RFC 6749 section 4.4): `POST /token`, then a bearer token."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.issued: list[str] = []
        self._living: set[str] = set()

    def expire_tokens(self) -> None:
        self._living.clear()

    def tokens_issued(self) -> int:
        return len(self.issued)

    def _may_enter(self, request: Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self._living

    def _answer(self, request: Request) -> Response:
        if request.path != "/token":
            return super()._answer(request)
        told = request.authorization.password if request.authorization else request.form.get("client_secret")
        if told != CLIENT_SECRET or request.form.get("grant_type") != "client_credentials":
            return _json(401, {"error": "invalid_client"})
        self.issued.append(f"token-{len(self.issued)}-{self._serial}")
        self._living.add(self.issued[-1])
        return _json(200, {"access_token": self.issued[-1], "token_type": "Bearer", "expires_in": 3600})


def _json(status: int, body: Any) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _place(item: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps([item["updated_at"], item["external_id"]]).encode()).decode()
