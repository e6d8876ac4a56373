"""Partner systems of every kind, each running and empty, for claims that hold whatever the connector is.

A new connector registers here: a context manager that yields a `Counterpart`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.testing import Partner
from gateway import guarded_dial
from tests.connectors.drop.partner import TOMBSTONE, Exporter
from tests.connectors.fake_partner import API_KEY, FakePartner, serve
from tests.connectors.trytond import PASSWORD, run_trytond


@dataclass
class Counterpart:
    """A partner's system with the levers of the contract, and how a link speaks to it, in pages of three.

    `clear` empties it. `state` is everything that stands there: equal means that nobody wrote. `between` is what the
    partner does by itself between two runs.
    """

    system: Partner
    connector: str
    settings: dict[str, Any]
    clear: Callable[[], object]
    state: Callable[[], Any]
    between: Callable[[], object] = lambda: None


@contextmanager
def rest(folder: Path) -> Iterator[Counterpart]:
    """A JSON API over HTTP."""
    system = FakePartner()
    with serve(system) as url:
        settings = {"base_url": url, "api_key": API_KEY, "pagination": {"limit": 3}}
        yield Counterpart(system, "rest", settings, system.tables["customers"].clear, lambda: deepcopy(system.tables))


@contextmanager
def csv_drop(folder: Path) -> Iterator[Counterpart]:
    """A folder of exported files, into which we drop ours."""
    system = Exporter(folder)
    streams = {"customers": {"pattern": "customers_*.csv", "tombstone": TOMBSTONE}}
    settings = {"place": "folder", "folder": str(folder), "streams": streams, "settle_seconds": 0, "page_size": 3}

    def clear() -> None:
        for path in folder.rglob("*.*"):
            path.unlink()
        system.__init__(folder)  # type: ignore[misc]

    guarded_dial.open_folders((folder,))
    try:
        yield Counterpart(system, "csv_drop", settings, clear, lambda: deepcopy(system._records), system.take_drops)
    finally:
        guarded_dial.open_folders(())


@contextmanager
def tryton(folder: Path) -> Iterator[Counterpart]:
    """A real Tryton server."""
    with run_trytond(folder) as system:
        settings = {"base_url": system.url, "database": "partner", "username": "admin", "password": PASSWORD}
        models = ("party.party", "party.address", "party.contact_mechanism", "party.identifier")

        def state() -> list[Any]:
            return [system.call(each, "search_read", [], 0, None, [["id", "ASC"]], ["_timestamp"]) for each in models]

        yield Counterpart(system, "tryton", {**settings, "page_size": 3}, system.clear, state)


PARTNERS: dict[str, Callable[[Path], AbstractContextManager[Counterpart]]] = {
    "rest": rest,
    "csv_drop": csv_drop,
    "tryton": tryton,
}
