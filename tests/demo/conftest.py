"""The generated world, made once for all tests of the demo, and a small dealer that answers over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import requests

from demo.endpoints import Endpoints
from demo.history import counts_of, interactions_of
from demo.life import Moods
from demo.people import Party, population
from demo.records import Record, customers_of
from demo.server import DealerServer
from demo.store import Store
from demo.world import DEALERS

TOKEN = "anahtar-26"


class Caller(requests.Session):
    """A caller of one dealer's system; addresses are relative to it."""

    def __init__(self, url: str, token: str = TOKEN) -> None:
        super().__init__()
        self.url = url
        self.headers["X-Api-Key"] = token

    def request(self, method: str | bytes, url: str | bytes, *args: object, **options: object) -> requests.Response:
        options.setdefault("timeout", 10)
        return super().request(method, f"{self.url}{url!s}", *args, **options)  # type: ignore[arg-type]

    def walk(self, path: str, **params: str | int) -> list[Record]:
        """Every item of a list."""
        items: list[Record] = []
        cursor: str | None = ""
        while cursor is not None:
            page = self.get(path, params=params | ({"cursor": cursor} if cursor else {})).json()
            items += page["items"]
            cursor = page["next"]
        return items


@pytest.fixture(scope="session")
def people() -> list[Party]:
    return population()


@pytest.fixture(scope="session")
def customers(people: list[Party]) -> dict[str, list[Record]]:
    return {dealer.code: list(customers_of(dealer.code, people)) for dealer in DEALERS}


@pytest.fixture(scope="session")
def interactions(people: list[Party]) -> dict[str, list[Record]]:
    counts = counts_of(people)
    return {dealer.code: list(interactions_of(dealer.code, people, counts)) for dealer in DEALERS}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "dealer.sqlite", "ESK")
    yield store
    store.close()


@pytest.fixture
def small_store(store: Store, customers: dict[str, list[Record]], interactions: dict[str, list[Record]]) -> Store:
    """The first 25 customers of Eskişehir with what happened to them."""
    some = customers["eskisehir"][:25]
    ids = {record["external_id"] for record in some}
    store.fill(some, [each for each in interactions["eskisehir"] if each["customer_external_id"] in ids])
    return store


@pytest.fixture
def caller(small_store: Store) -> Iterator[Caller]:
    with calling(small_store) as caller:
        yield caller


@contextmanager
def calling(store: Store, moods: Moods | None = None) -> Iterator[Caller]:
    """A caller of a running server in front of this store."""
    server = DealerServer(0, Endpoints(store, "eskisehir", TOKEN), moods)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        with Caller(server.url) as caller:
            yield caller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
