"""Tryton ERP: its parties are customers, pulled and pushed over JSON-RPC (trytond 8).

Tryton keeps no history of talks with a party (its sales are orders, not interactions), so there is one stream. A party
that was deactivated is an inactive customer; one that was deleted is deleted.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from connectors.base import Change, Connector, ConnectorError, Page, Pushed, Record, StaleRecord
from connectors.errors import CredentialsRefused
from connectors.http import Http
from connectors.wire import tryton_party as party_record
from connectors.wire.tryton_rpc import Rpc
from connectors.wire.tryton_walk import PARTY, Reader, number_of
from connectors.wire.understood import understood


class Tryton(Connector):
    """One database of a Tryton server."""

    name = "tryton"
    title = "Tryton ERP"
    streams = ("customers",)
    can = frozenset({"pull", "push", "tombstones", "full_listing", "fetch", "ranges"})

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
        self._reader = Reader(self._rpc, settings)

    @understood("Tryton")
    def check(self) -> None:
        """Sign in and look at the parties."""
        self._call(PARTY, "search", [], 0, 1, None)

    def pull(self, stream: str, cursor: str | None) -> Iterator[Page]:
        """Walk the parties, then what changed inside them, then the deletions."""
        return self._reader.pages(self._reader.begin(cursor))

    def pull_range(self, stream: str, since: dt.datetime, until: dt.datetime, cursor: str | None) -> Iterator[Page]:
        """Walk the parties whose last change, their children's included, lies in [since, until)."""
        walk = self._reader.resume(cursor, since, until)
        return iter([Page((), cursor or "")]) if walk is None else self._reader.pages(walk)

    @understood("Tryton")
    def fetch(self, stream: str, external_id: str) -> Record | None:
        """Read one party."""
        number = number_of(external_id)
        parties = [] if number is None else self._reader.read([number])
        return self._reader.record(parties[0]) if parties else None

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

    # Writing

    @understood("Tryton")
    def _write(self, change: Change) -> Pushed:
        if change.op == "create":
            values = {"addresses": [], **party_record.to_values(change.record or {}, change.key)}
            [number] = self._call(PARTY, "create", [values])
            return self._written(change, number)
        party = self._party(change)
        if change.op == "delete":
            return self._delete(change, party)
        if party is None:
            raise ConnectorError(f"Tryton has no party {change.external_id} any more.", permanent=True)
        values = party_record.to_values(change.record or {}, change.key, party)
        if values:
            self._call(PARTY, "write", [party["id"]], values, context=_lock(change, party))
        return self._written(change, party["id"])

    def _delete(self, change: Change, party: Any) -> Pushed:
        if party is not None:
            context = _lock(change, party)
            try:
                self._call(PARTY, "delete", [party["id"]], context=context)
            except StaleRecord:
                raise
            except ConnectorError as error:
                if not error.permanent:
                    raise
                # Documents refer to the party: the ERP keeps it, out of sight.
                self._call(PARTY, "write", [party["id"]], {"active": False}, context=context)
        return Pushed(change.key, change.external_id)

    def _party(self, change: Change) -> Any:
        number = number_of(change.external_id)
        if number is None:
            raise ConnectorError(f"'{change.external_id}' is no number of a party.", permanent=True)
        return next(iter(self._reader.read([number])), None)

    def _written(self, change: Change, number: int) -> Pushed:
        party = next(iter(self._reader.read([number])), None)
        return Pushed(change.key, str(number), party and party_record.lock(party))

    def _call(self, model: str, method: str, *params: Any, context: Mapping[str, Any] | None = None) -> Any:
        return self._rpc.call(f"model.{model}.{method}", *params, context=context)


def _lock(change: Change, party: Any) -> dict[str, Any]:
    """The context that makes Tryton refuse a write to what changed since; a new child shows only here."""
    if change.version is None:
        return {}
    if change.version != party_record.lock(party):
        raise StaleRecord("The party changed in Tryton since it was last read.")
    return {"_timestamp": json.loads(change.version)}
