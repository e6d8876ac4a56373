"""What the contract's tests stand on: the partner's levers, a round as a hub would keep it, and the verbs."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pytest
import requests
from marshmallow import Schema

from connectors.base import Change, Connector, Page, Pushed, Record
from connectors.http import Http, Limits
from connectors.wire.faults import FaultyAdapter
from schemas.record import CustomerRecord, InteractionRecord

MANY = 8
SCHEMAS: dict[str, type[Schema]] = {"customers": CustomerRecord, "interactions": InteractionRecord}


class Partner(Protocol):
    """A real or pretended partner system, and the levers a test pulls on it (not through the connector)."""

    def add(self, stream: str, records: list[Record]) -> list[str]:
        """Store records of our shape, all at one and the same time; give their external ids."""

    def change(self, stream: str, external_id: str, fields: Record) -> None:
        """Change these fields of one record."""

    def remove(self, stream: str, external_id: str) -> None:
        """Delete one record."""

    def ids(self, stream: str) -> list[str]:
        """The external ids of the living records."""


class Round:
    """Everything a round brought, as a hub that commits page by page would have it."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.deleted: set[str] = set()
        self.cursor: str | None = None
        self.pages = 0

    def take(self, page: Page) -> None:
        """Commit one page."""
        ids = [record["external_id"] for record in page.records]
        assert len({*ids, *page.deleted}) == len(ids) + len(page.deleted), "an external id stands twice on a page"
        self.records.update(zip(ids, page.records, strict=True))
        self.deleted.update(page.deleted)
        self.cursor = page.cursor
        self.pages += 1


class ContractKit:
    """The fixtures and verbs of `ConnectorContract`; a connector's own tests use them too."""

    stream = "customers"
    field = "organisation_name"  # one that the partner keeps as we send it

    def connect(self, partner: Any, http: Http) -> Connector:
        """A connector for this partner, with pages of at most three records."""
        raise NotImplementedError

    def record(self, number: int) -> Record:
        """A record to store; override it where the partner needs more."""
        return {"kind": "organisation", "organisation_name": f"Işık Otomotiv {number}"}

    def is_create(self, request: requests.PreparedRequest) -> bool:
        """Whether this request makes a record."""
        return request.method == "POST"

    @pytest.fixture
    def partner(self) -> Partner:
        """A running, empty partner system."""
        raise NotImplementedError

    @pytest.fixture
    def wire(self) -> FaultyAdapter:
        """The transport, on which a test plans faults."""
        return FaultyAdapter()

    @pytest.fixture
    def connector(self, partner: Any, wire: FaultyAdapter) -> Iterator[Connector]:
        """The connector under test."""
        http = Http(Limits(connect_seconds=5, read_seconds=20, total_seconds=30), adapter=wire)
        yield self.connect(partner, http)
        http.close()

    def needs(self, connector: Connector, ability: str) -> None:
        """Skip what the connector does not claim to do."""
        if ability not in connector.can:
            pytest.skip(f"{connector.name} cannot {ability}")

    def fill(self, partner: Partner) -> list[str]:
        """More records than fit on two pages, all of one time."""
        return partner.add(self.stream, [self.record(number) for number in range(MANY)])

    def pull(
        self, connector: Connector, cursor: str | None = None, *, pages: int | None = None, into: Round | None = None
    ) -> Round:
        """Pull a round, or its first pages, or go on `into` an earlier one."""
        brought = into or Round()
        for page in connector.pull(self.stream, into.cursor if into else cursor):
            brought.take(page)
            if brought.pages == pages:
                break
        return brought

    def create(self, connector: Connector, key: str, record: Record) -> Pushed:
        """Push one new record, where the connector can."""
        self.needs(connector, "push")
        return self.push(connector, [Change("create", key, record=record)])

    def update(self, connector: Connector, last: Pushed, value: str) -> Pushed:
        """Push one change made on the version last seen."""
        record = {self.field: value, **{name: self.record(1)[name] for name in ("kind",) if name in self.record(1)}}
        return self.push(connector, [Change("update", last.key, last.external_id, record, last.version)])

    def push(self, connector: Connector, changes: Sequence[Change]) -> Pushed:
        """Push one change and give its answer."""
        [pushed] = connector.push(self.stream, changes)
        return pushed

    def errors(self, record: Record) -> Mapping[str, Any]:
        """What the shape says against this record."""
        return SCHEMAS[self.stream]().validate(record)

    def secrets(self, connector: Connector) -> list[str]:
        """The values of the settings that are secret."""
        hidden = [name for name, field in connector.Settings().fields.items() if field.load_only]
        return [str(connector.settings[name]) for name in hidden if connector.settings.get(name)]
