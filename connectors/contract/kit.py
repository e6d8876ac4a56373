"""What the claims stand on: the fixtures, a round as a hub would keep it, and the verbs."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

import pytest
import requests
from marshmallow import Schema, fields

from connectors.base import Change, Connector, Page, Pushed, Record
from connectors.contract.partner import Levers, Partner
from connectors.http import Http, Limits
from connectors.wire.faults import FaultyAdapter
from schemas.record import CustomerRecord, InteractionRecord

MANY = 8
MOST_BYTES = 2 * 1024 * 1024
SCHEMAS: dict[str, type[Schema]] = {"customers": CustomerRecord, "interactions": InteractionRecord}
NOT_CONTENT = ("updated_at", "version", "reference")
ELSEWHERE = ("169.254.169.254", "other.example")
_MOST_PAGES = 1000


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
        assert self.pages < _MOST_PAGES, "the round does not end"


class ContractKit:
    """The fixtures, levers and verbs of `ConnectorContract`; a connector's own tests use them too."""

    stream = "customers"
    field = "organisation_name"  # one that the partner keeps as we send it
    look_back_seconds = 30.0  # how late a record may come in and still be found, where the partner counts in time
    long_listing = 90  # records of the listing whose memory is measured
    speaks_http = True  # False: its way to the partner is another, and what goes wrong with HTTP does not concern it
    partner_loggers: ClassVar[tuple[str, ...]] = ("werkzeug",)  # of a pretended partner that runs in this process
    excused: ClassVar[Mapping[str, str]] = {}  # claims that cannot hold for this partner: test name → why

    def connect(self, partner: Any, http: Http) -> Connector:
        """A connector for this partner, with pages of at most three records."""
        raise NotImplementedError

    def way_out(self, adapter: FaultyAdapter) -> Http:
        """The way to the partner; override it where a connector needs folders or a dial."""
        limits = Limits(connect_seconds=5, read_seconds=20, total_seconds=30, max_bytes=MOST_BYTES)
        return Http(limits, adapter=adapter)

    def record(self, number: int) -> Record:
        """A record to store; override it where the partner needs more."""
        return {"kind": "organisation", "organisation_name": f"Işık Otomotiv {number}"}

    def is_create(self, request: requests.PreparedRequest) -> bool:
        """Whether this request makes a record."""
        return request.method == "POST"

    def is_write(self, request: requests.PreparedRequest) -> bool:
        """Whether this request would change anything at the partner."""
        return request.method not in ("GET", "HEAD", "OPTIONS")

    @pytest.fixture(autouse=True)
    def _excuse(self, request: pytest.FixtureRequest) -> None:
        if reason := self.excused.get(request.node.originalname):
            pytest.skip(reason)

    @pytest.fixture
    def partner(self) -> Partner:
        """A running, empty partner system."""
        raise NotImplementedError

    @pytest.fixture
    def adapter(self) -> FaultyAdapter:
        """The transport of HTTP; it knows what was sent."""
        return FaultyAdapter()

    @pytest.fixture
    def wire(self, adapter: FaultyAdapter) -> FaultyAdapter:
        """The transport, on which a test plans faults."""
        if not self.speaks_http:
            pytest.skip("it does not speak HTTP")
        return adapter

    @pytest.fixture
    def connector(self, partner: Any, adapter: FaultyAdapter) -> Iterator[Connector]:
        """The connector under test."""
        http = self.way_out(adapter)
        yield self.connect(partner, http)
        http.close()

    def needs(self, connector: Connector, ability: str) -> None:
        """Skip what the connector does not claim to do."""
        if ability not in connector.can:
            pytest.skip(f"{connector.name} does not claim '{ability}'")

    def lever(self, partner: Any, name: str) -> Levers:
        """The partner as one that has this lever; skip where it has not."""
        if not hasattr(partner, name):
            pytest.skip(f"the partner of this test has no lever {name}()")
        return cast(Levers, partner)

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

    def content(self, record: Record) -> Record:
        """What a record says, without what moves by itself."""
        return {name: value for name, value in record.items() if name not in NOT_CONTENT}

    def astray(self, adapter: FaultyAdapter) -> list[str]:
        """The addresses asked that lie on the hosts to which the tests try to lure the connector."""
        return [str(each.url) for each in adapter.sent if urlsplit(str(each.url)).hostname in ELSEWHERE]

    def secrets(self, connector: Connector) -> list[str]:
        """The values of the settings that are secret."""
        return list(_secrets(connector.Settings(), connector.settings))


def _secrets(schema: Schema, settings: Mapping[str, Any]) -> Iterator[str]:
    for name, field in schema.fields.items():
        value = settings.get(field.attribute or name)
        if field.load_only and value:
            yield from map(str, value if isinstance(value, list) else [value])
        elif isinstance(field, fields.Nested) and isinstance(value, Mapping):
            yield from _secrets(field.schema, value)
