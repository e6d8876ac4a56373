"""Tryton ERP: its parties are customers, pulled and pushed over JSON-RPC (trytond 8)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from marshmallow import Schema, fields, validate

from connectors.base import Change, Connector, ConnectorError, Page, Pushed, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.wire import cursor as cursors
from connectors.wire import tryton_party as party_record
from connectors.wire.tryton_rpc import Rpc, read_time, write_time
from connectors.wire.understood import understood

_PARTY = "party.party"
# Changing only a child leaves the party's write_date alone, so each of these is asked for changes.
_MODELS = (_PARTY, "party.address", "party.contact_mechanism", "party.identifier")
_LOG = "ir.model.log"
_LOG_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round stands. Ids order it: no record moves while we walk, and none shares its place with another.

    `since` bounds it, `mark` (Tryton's newest time when the round began) bounds the next one, `model` and `after` are
    the place, `top` is the highest party ever seen.
    """

    since: str | None = None
    mark: str | None = None
    model: int = 0
    after: int = 0
    top: int = 0


_CURSOR_KEYS = frozenset({"since", "mark", "model", "after", "top"})


class Tryton(Connector):
    """One database of a Tryton server."""

    name = "tryton"
    title = "Tryton ERP"
    streams = ("customers",)
    can = frozenset({"pull", "push", "tombstones", "full_listing"})

    class Settings(Schema):
        """Where the server is and who we are there."""

        base_url = fields.URL(required=True, schemes={"http", "https"}, require_tld=False)
        database = fields.String(required=True, validate=validate.Regexp(r"^[\w.-]+\Z"))
        username = fields.String(required=True)
        password = fields.String(required=True, load_only=True)
        unknown_kind = fields.String(load_default="organisation", validate=validate.OneOf(("organisation", "person")))
        page_size = fields.Integer(load_default=200, validate=validate.Range(min=1, max=1000))
        overlap_seconds = fields.Float(load_default=60.0, validate=validate.Range(min=0, max=604_800))
        tombstones = fields.Boolean(load_default=True)

    def __init__(self, settings: Mapping[str, Any], http: Http) -> None:
        super().__init__(settings, http)
        if not settings["tombstones"]:
            self.can = self.can - {"tombstones"}
        self._rpc = Rpc(settings, http)

    @understood("Tryton")
    def check(self) -> None:
        """Sign in and look at the parties."""
        self._call(_PARTY, "search", [], 0, 1, None)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk the parties, then what changed inside them, then the deletions."""
        walk: Walk | None = self._begin(cursor)
        while walk:
            page, walk = self._step(walk)
            yield page

    def push(self, stream: str, changes: Sequence[Change]) -> Iterator[Pushed]:
        """Write the parties one by one, each in one transaction of Tryton's."""
        for change in changes:
            try:
                pushed = self._write(change)
            except CredentialsRefused:
                raise
            except ConnectorError as error:
                pushed = Pushed(change.key, change.external_id, error=error)
            yield pushed

    @understood("Tryton")
    def find(self, stream: str, reference: str) -> str | None:
        """Our reference is an identifier of no type."""
        domain = [["type", "=", None], ["code", "in", party_record.reference_codes(reference)], ["active", "=", True]]
        rows = self._call("party.identifier", "search_read", domain, 0, 1, None, ["party"])
        return str(rows[0]["party"]) if rows else None

    # Reading

    @understood("Tryton")
    def _begin(self, cursor: str | None) -> Walk:
        if cursor is None:
            return Walk(mark=self._newest())
        state = cursors.read(cursor, _CURSOR_KEYS)
        if "since" in state:
            return Walk(**state)
        mark = state.get("mark")
        since = cursors.back(mark, self.settings["overlap_seconds"]) if mark else None
        return Walk(since, self._newest() or mark, top=state.get("top", 0))

    def _newest(self) -> str | None:
        """The newest time in the tables we watch: what happens from now on is not older, by Tryton's own clock."""
        rows: list[Any] = []
        for model in (*_MODELS, _LOG):
            for order in (["write_date", "DESC NULLS LAST"], ["id", "DESC"]):
                rows += self._call(model, "search_read", [], 0, 1, [order], ["write_date", "create_date"])
        return cursors.latest(read_time(row[name]) for row in rows for name in ("write_date", "create_date"))

    @understood("Tryton")
    def _step(self, walk: Walk) -> tuple[Page, Walk | None]:
        model, limit = _MODELS[walk.model], self.settings["page_size"]
        domain = [["id", ">", walk.after], *_changed(walk.since)]
        names = ["id"] if model == _PARTY else ["party"]
        rows = self._call(model, "search_read", domain, 0, limit, [["id", "ASC"]], names)
        parties = self._read(sorted({row[names[0]] for row in rows}))
        walk = replace(walk, top=max([walk.top, *(party["id"] for party in parties)]))
        following = self._following(walk, rows, limit)
        records = {str(party["id"]): party_record.to_record(party, self.settings["unknown_kind"]) for party in parties}
        deleted = [] if following else self._deleted(walk)
        living = [record for external_id, record in records.items() if external_id not in deleted]
        return Page(living, _cursor(following, walk), deleted), following

    def _following(self, walk: Walk, rows: list[Any], limit: int) -> Walk | None:
        if len(rows) == limit:
            return replace(walk, after=rows[-1]["id"])
        # Whoever reads everything has read the children with their parties.
        if walk.since is None or walk.model == len(_MODELS) - 1:
            return None
        return replace(walk, model=walk.model + 1, after=0)

    def _read(self, ids: list[int]) -> list[Any]:
        order = [["id", "ASC"]]
        fields = party_record.FIELDS
        return self._call(_PARTY, "search_read", [["id", "in", ids]], 0, None, order, fields) if ids else []

    def _deleted(self, walk: Walk) -> list[str]:
        """Which parties were deleted since: the log knows, but names a deleted party only when asked for it."""
        if walk.since is None or not self.settings["tombstones"]:
            return []
        events = [["event", "=", "delete"], ["create_date", ">=", write_time(walk.since)]]
        if not self._call(_LOG, "search_count", [*events, ["resource", "like", f"{_PARTY},%"]], 0, None):
            return []
        living = set(self._call(_PARTY, "search", [["id", "<=", walk.top]], 0, None, None))
        gaps = [number for number in range(1, walk.top + 1) if number not in living]
        chunks = [gaps[start : start + _LOG_CHUNK] for start in range(0, len(gaps), _LOG_CHUNK)]
        return [str(number) for chunk in chunks for number in self._logged(events, chunk)]

    def _logged(self, events: list[Any], numbers: list[int]) -> list[int]:
        """Those of the numbers that the log has a deletion for, by halving."""
        resources = [f"{_PARTY},{number}" for number in numbers]
        count = self._call(_LOG, "search_count", [*events, ["resource", "in", resources]], 0, None)
        if count in (0, len(numbers)):
            return numbers if count else []
        middle = len(numbers) // 2
        return [*self._logged(events, numbers[:middle]), *self._logged(events, numbers[middle:])]

    # Writing

    @understood("Tryton")
    def _write(self, change: Change) -> Pushed:
        if change.op == "create":
            values = {"addresses": [], **party_record.to_values(change.record or {}, change.key)}
            [number] = self._call(_PARTY, "create", [values])
            return self._written(change, number)
        party = self._party(change)
        if change.op == "delete":
            return self._delete(change, party)
        if party is None:
            raise ConnectorError(f"Tryton has no party {change.external_id} any more.", permanent=True)
        values = party_record.to_values(change.record or {}, change.key, party)
        if values:
            self._call(_PARTY, "write", [party["id"]], values, context=_lock(change, party))
        return self._written(change, party["id"])

    def _delete(self, change: Change, party: Any) -> Pushed:
        if party is not None:
            context = _lock(change, party)
            try:
                self._call(_PARTY, "delete", [party["id"]], context=context)
            except StaleRecord:
                raise
            except ConnectorError as error:
                if not error.permanent:
                    raise
                # Documents refer to the party: the ERP keeps it, out of sight.
                self._call(_PARTY, "write", [party["id"]], {"active": False}, context=context)
        return Pushed(change.key, change.external_id)

    def _party(self, change: Change) -> Any:
        if not change.external_id or not change.external_id.isdecimal():
            raise ConnectorError(f"'{change.external_id}' is no number of a party.", permanent=True)
        return next(iter(self._read([int(change.external_id)])), None)

    def _written(self, change: Change, number: int) -> Pushed:
        party = next(iter(self._read([number])), None)
        return Pushed(change.key, str(number), party and party_record.lock(party))

    def _call(self, model: str, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        return self._rpc.call(f"model.{model}.{method}", *params, context=context)


def _changed(since: str | None) -> list[Any]:
    """A record never written has no write_date: both arms are needed."""
    if since is None:
        return []
    mark = write_time(since)
    return [["OR", [["write_date", ">=", mark]], [["write_date", "=", None], ["create_date", ">=", mark]]]]


def _lock(change: Change, party: Any) -> dict[str, Any]:
    """The context that makes Tryton refuse a write to what changed since; a new child shows only here."""
    if change.version is None:
        return {}
    if change.version != party_record.lock(party):
        raise StaleRecord("The party changed in Tryton since it was last read.")
    return {"_timestamp": json.loads(change.version)}


def _cursor(following: Walk | None, walk: Walk) -> str:
    return cursors.write(**asdict(following)) if following else cursors.write(mark=walk.mark, top=walk.top)
