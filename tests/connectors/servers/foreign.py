"""A partner that keeps its own kind of rows; three such partners differ in names, times, pages, deletions and doors."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Request, Response

from tests.connectors.fake_partner import _json as answer_json

Row = dict[str, Any]
SECRET = "müşteri-sırrı".encode().hex()
PAGE = 3
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class ForeignPartner:
    """Rows by id, each as the partner writes it, with `_at` and `_gone` beside it; the levers speak our shape."""

    ID, CHANGED, VERSION, REFERENCE = "id", "changed", "version", "reference"
    PATH = "/rows"
    TICK = dt.timedelta(milliseconds=10)
    NAMES: ClassVar[dict[str, str]] = {}
    KINDS: ClassVar[dict[str, Any]] = {}

    def __init__(self) -> None:
        self.clock = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
        self.rows: dict[str, Row] = {}
        self.url = ""
        self._lock = threading.Lock()

    # The levers of a test

    def add(self, stream: str, records: list[Row]) -> list[str]:
        with self._lock:
            at = self._tick()
            return [str(self._store(self.row(record), at)[self.ID]) for record in records]

    def change(self, stream: str, external_id: str, fields: Row) -> None:
        with self._lock:
            kept = self.rows[external_id]
            self._touch(kept, {**self.row(fields), self.VERSION: kept[self.VERSION] + 1})

    def remove(self, stream: str, external_id: str) -> None:
        with self._lock:
            self._touch(self.rows[external_id], {"_gone": True})

    def restore(self, stream: str, external_id: str, record: Row) -> None:
        with self._lock:
            self._touch(self.rows[external_id], {**self.row(record), "_gone": False, self.VERSION: 99})

    def ids(self, stream: str) -> list[str]:
        return [external_id for external_id, row in self.rows.items() if not row["_gone"]]

    # What a partner says for itself

    def row(self, record: Row) -> Row:
        """Our record in the partner's columns."""
        told = {self.NAMES[name]: value for name, value in record.items() if name in self.NAMES}
        return {**told, **({self.NAMES["kind"]: self.KINDS[record["kind"]]} if "kind" in record else {})}

    def told(self, moment: dt.datetime) -> Any:
        raise NotImplementedError

    def since(self, request: Request) -> dt.datetime | None:
        raise NotImplementedError

    def may_enter(self, request: Request) -> bool:
        raise NotImplementedError

    def page(self, request: Request, rows: list[Row]) -> Any:
        raise NotImplementedError

    def own_answer(self, request: Request, rest: str) -> Response | None:
        """An answer of its own for this address, if it has one."""
        return None

    def lists(self, row: Row) -> bool:
        return not row["_gone"]

    # The server

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        request.get_data()
        with self._lock:
            return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/token":
            return self.own_answer(request, "token") or answer_json(404, {})
        if not self.may_enter(request):
            return answer_json(401, {"error": "refused", "seen": request.url})
        rest = request.path.removeprefix(self.PATH).removeprefix("/")
        if (own := self.own_answer(request, rest)) is not None:
            return own
        if rest:
            return self.item(request, rest)
        if request.method == "POST":
            return self.create(request.get_json())
        return answer_json(200, self.page(request, self._listed(request)))

    def create(self, told: Row) -> Response:
        twin = next((row for row in self.rows.values() if told.get(self.REFERENCE) == row.get(self.REFERENCE)), None)
        if twin and told.get(self.REFERENCE) and not twin["_gone"]:
            return answer_json(409, {"error": "twin"})
        return answer_json(201, self.shown(self._store(told, self._tick())))

    def item(self, request: Request, external_id: str) -> Response:
        kept = self.rows.get(external_id)
        if kept is None or kept["_gone"]:
            return answer_json(404, {"error": "unknown"})
        if request.headers.get("If-Match", f'"{kept[self.VERSION]}"') != f'"{kept[self.VERSION]}"':
            return answer_json(412, {"error": "changed"})
        if request.method == "GET":
            return answer_json(200, self.shown(kept))
        if request.method == "DELETE":
            self._touch(kept, {"_gone": True})
            return Response(status=204)
        self.write(request, kept)
        return answer_json(200, self.shown(kept))

    def write(self, request: Request, kept: Row) -> None:
        own = {self.ID: kept[self.ID], self.VERSION: kept[self.VERSION] + 1}
        if request.method == "PUT":
            kept.clear()
            kept["_gone"] = False
        self._touch(kept, {**request.get_json(), **own})

    def shown(self, row: Row) -> Row:
        return {name: value for name, value in row.items() if name[0] != "_"} | {self.CHANGED: self.told(row["_at"])}

    def _listed(self, request: Request) -> list[Row]:
        since = self.since(request)
        rows = [row for row in self.rows.values() if self.lists(row) and (since is None or row["_at"] >= since)]
        if self.REFERENCE in request.args:
            rows = [row for row in rows if row.get(self.REFERENCE) == request.args[self.REFERENCE]]
        return [self.shown(row) for row in sorted(rows, key=lambda row: (row["_at"], row[self.ID]))]

    def _store(self, told: Row, at: dt.datetime) -> Row:
        number = 1001 + len(self.rows)
        self.rows[str(number)] = {**told, self.ID: number, self.VERSION: 1, "_at": at, "_gone": False}
        return self.rows[str(number)]

    def _touch(self, row: Row, fields: Row) -> None:
        row.update(fields, _at=self._tick())

    def _tick(self) -> dt.datetime:
        self.clock += self.TICK
        return self.clock


class GermanErp(ForeignPartner):
    """Flat capitals, wall-clock times in full seconds, numbered pages, a flag on the deleted, written whole by PUT."""

    ID, CHANGED, VERSION, REFERENCE = "NR", "GEAENDERT", "STAND", "FREMDNR"
    PATH = "/kunden"
    TICK = dt.timedelta(seconds=2)
    NAMES: ClassVar[dict[str, str]] = {"kind": "ART", "organisation_name": "NAME"}
    KINDS: ClassVar[dict[str, Any]] = {"person": "P", "organisation": "F"}
    FORM, ZONE = "%d.%m.%Y %H:%M:%S", ZoneInfo("Europe/Berlin")

    def told(self, moment: dt.datetime) -> str:
        return moment.astimezone(self.ZONE).strftime(self.FORM)

    def since(self, request: Request) -> dt.datetime | None:
        told = request.args.get("AB")
        return told and dt.datetime.strptime(told, self.FORM).replace(tzinfo=self.ZONE)  # type: ignore[return-value]

    def may_enter(self, request: Request) -> bool:
        given = request.authorization
        return given is not None and (given.username, given.password) == ("köprü", SECRET)

    def lists(self, row: Row) -> bool:
        return True

    def shown(self, row: Row) -> Row:
        return {**super().shown(row), "GELOESCHT": "J" if row["_gone"] else "N"}

    def page(self, request: Request, rows: list[Row]) -> Any:
        start = int(request.args["SEITE"]) * PAGE
        return {"DATEN": rows[start : start + PAGE], "ANZAHL": len(rows)}


class TurkishApi(ForeignPartner):
    """Turkish names, local times, a cursor in the body, a list of deletions, a key in the query of every link."""

    ID, CHANGED, VERSION, REFERENCE = "kayıt_no", "değişti", "sürüm", "dış_no"
    PATH = "/müşteriler"
    NAMES: ClassVar[dict[str, str]] = {"kind": "tür", "organisation_name": "ünvan"}
    KINDS: ClassVar[dict[str, Any]] = {"person": 1, "organisation": 2}
    ZONE = ZoneInfo("Europe/Istanbul")

    def told(self, moment: dt.datetime) -> str:
        return moment.astimezone(self.ZONE).replace(tzinfo=None).isoformat()

    def since(self, request: Request) -> dt.datetime | None:
        told = request.args.get("değişen")
        return told and dt.datetime.fromisoformat(told).replace(tzinfo=self.ZONE)  # type: ignore[return-value]

    def may_enter(self, request: Request) -> bool:
        return request.args.getlist("anahtar") == [SECRET]

    def page(self, request: Request, rows: list[Row]) -> Any:
        start = int(request.args.get("imleç", 0))
        more = start + PAGE < len(rows)
        following = f"{self.url}{request.path}?anahtar={SECRET}&imleç={start + PAGE}" if more else None
        kept = "".join(f"&değişen={request.args['değişen']}" for _ in "x" if "değişen" in request.args)
        return {"sonuç": {"kayıtlar": rows[start : start + PAGE]}, "sayfa": {"sonraki": following and following + kept}}

    def own_answer(self, request: Request, rest: str) -> Response | None:
        if rest != "silinenler":
            return None
        since = self.since(request)
        gone = [row for row in self.rows.values() if row["_gone"] and (since is None or row["_at"] >= since)]
        return answer_json(200, self.page(request, [{"no": row[self.ID]} for row in gone]))


class BatchApi(ForeignPartner):
    """Offsets, milliseconds, OAuth 2 client credentials, and one request for many changes."""

    ID, CHANGED, VERSION, REFERENCE = "accountId", "modifiedMs", "revision", "externalRef"
    PATH = "/v2/accounts"
    NAMES: ClassVar[dict[str, str]] = {"kind": "type", "organisation_name": "legalName"}
    KINDS: ClassVar[dict[str, Any]] = {"person": "PERSON", "organisation": "COMPANY"}

    def __init__(self) -> None:
        super().__init__()
        self.issued = 0
        self.living: set[str] = set()
        self.bulks = 0

    def expire_tokens(self) -> None:
        self.living.clear()

    def tokens_issued(self) -> int:
        return self.issued

    def told(self, moment: dt.datetime) -> int:
        return (moment - _EPOCH) // dt.timedelta(milliseconds=1)

    def since(self, request: Request) -> dt.datetime | None:
        told = request.args.get("modifiedFrom")
        return told and dt.datetime.fromtimestamp(int(told) / 1000, dt.UTC)  # type: ignore[return-value]

    def may_enter(self, request: Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self.living

    def lists(self, row: Row) -> bool:
        return True

    def shown(self, row: Row) -> Row:
        return {**super().shown(row), "state": "DELETED" if row["_gone"] else "LIVE"}

    def page(self, request: Request, rows: list[Row]) -> Any:
        start = int(request.args["offset"])
        return rows[start : start + PAGE]

    def own_answer(self, request: Request, rest: str) -> Response | None:
        if rest == "token":
            return self._token(request)
        if rest != "bulk":
            return None
        self.bulks += 1
        return answer_json(200, {"results": [self._one(told) for told in request.get_json()["changes"]]})

    def _token(self, request: Request) -> Response:
        form = request.form
        if (form.get("client_id"), form.get("client_secret"), form.get("scope")) != ("köprü", SECRET, "crm"):
            return answer_json(401, {"error": "invalid_client"})
        self.issued += 1
        self.living.add(f"jeton-{self.issued}")
        return answer_json(200, {"access_token": f"jeton-{self.issued}", "token_type": "Bearer", "expires_in": 3600})

    def _one(self, told: Row) -> Row:
        op, number, version = (told.pop(name, None) for name in ("action", "id", "rev"))
        if op == "create":
            response = self.create(told)
        else:
            headers = {"If-Match": f'"{version}"'} if version else {}
            method = "DELETE" if op == "delete" else "PATCH"
            response = self.item(Request.from_values(method=method, json=told, headers=headers), str(number))
        return {"code": response.status_code, "account": response.get_json(silent=True), "why": "no"}
