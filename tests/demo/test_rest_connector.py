"""A dealer's system keeps the whole contract of connectors with the rest connector's own defaults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.http import Http
from connectors.rest import Rest
from connectors.testing import ConnectorContract
from demo.records import Record
from demo.store import Query, Store
from tests.demo.conftest import TOKEN, calling

NOON = "2026-10-29T12:00:00.000000Z"


class Levers:
    """A dealer as the contract's tests handle it: from behind, not through its endpoints."""

    def __init__(self, store: Store, url: str) -> None:
        self._store = store
        self.url = url

    def add(self, stream: str, records: list[Record]) -> list[str]:
        begin = 1 + self._store.count(stream, Query(with_deleted=True))
        letter = "I" if stream == "interactions" else ""
        ids = [f"ESK-{letter}{number:06d}" for number in range(begin, begin + len(records))]
        stored = [
            {"external_id": key, "updated_at": NOON, "version": "1", **record}
            for key, record in zip(ids, records, strict=True)
        ]
        self._store.fill(*((stored, []) if stream == "customers" else ([], stored)))
        return ids

    def change(self, stream: str, external_id: str, fields: Record) -> None:
        self._store.change(stream, external_id, lambda item: item | fields)

    def remove(self, stream: str, external_id: str) -> None:
        self._store.delete(stream, external_id)

    def ids(self, stream: str) -> list[str]:
        return [item.split('"')[3] for item in self._store.page(stream, Query(limit=10_000))[0]]


class TestCustomers(ConnectorContract):
    @pytest.fixture
    def partner(self, tmp_path: Path) -> Iterator[Levers]:
        store = Store(tmp_path / "dealer.sqlite", "ESK")
        with calling(store) as caller:
            levers = Levers(store, caller.url)
            self.prepare(levers)
            yield levers
        store.close()

    def prepare(self, levers: Levers) -> None:
        """Customers need nothing before them."""

    def connect(self, partner: Levers, http: Http) -> Rest:
        settings = {"base_url": partner.url, "api_key": TOKEN, "pagination": {"limit": 3}}
        return Rest(Rest.Settings().load(settings), http)


class TestInteractions(TestCustomers):
    stream = "interactions"
    field = "subject"

    def prepare(self, levers: Levers) -> None:
        levers.add("customers", [{"kind": "person", "given_name": "Işıl", "family_name": "Öğüt"}])

    def record(self, number: int) -> Record:
        said = {"channel": "phone", "kind": "inquiry", "direction": "in", "subject": f"Deneme sürüşü {number}"}
        return {"customer_external_id": "ESK-000001", **said}
