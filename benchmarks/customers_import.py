"""`customers.import`: a CSV file of 100,000 customers of 20 fields, against a sync pull of the same customers.

Both are done as the product does them, in alternating rounds, each into a fresh database of PostgreSQL with fsync on,
by a worker process, with validation, normalising, search keys, shares, events and a commit for every 1,000 records.
The import is timed from the file's first byte read to its last row committed, its arrival included; it recognises
customers by an identifier and finds nobody, as the pull does. The pull has its dealer's HTTP and its cross references
instead. The value is the import's rate over the pull's.
"""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from rich.console import Console

from benchmarks.dealer import Dealer, open_dealer, record
from benchmarks.processes import cpu_seconds
from benchmarks.results import Result, at_least
from benchmarks.stage import Stage
from benchmarks.sync_pull import CUSTOMERS
from benchmarks.sync_stage import SYSTEM, Gateway, RunFailed, Turn, open_gateway, ratios, show
from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.longrunning import service as longrunning
from gateway.longrunning.models import Operation
from gateway.partners import service as partners
from gateway.transfers.importing import arrival, service
from gateway.transfers.importing.reading.formats import CSV

_MOST_SECONDS, _POLL_SECONDS, _MOST_BYTES = 1800.0, 0.1, 1 << 30
_TERMS = {"match_on": "identifier.erp", "on_match": "update", "dry_run": False}
_HEADER = (
    "identifier.erp", "kind", "Ad", "Soyad", "Doğum Tarihi", "Durum", "Dil", "E-posta", "Cep Telefonu", "Adres", "İlçe",
    "İl", "Posta Kodu", "Ülke", "attribute.body_type", "attribute.fuel", "attribute.visits",
)  # fmt: skip


class CustomersImport:
    """The benchmark."""

    name = "customers.import"

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """The ratio, for every round."""
        count = max(2000, round(CUSTOMERS * stage.scale))
        file = _file_of(count)
        turns: dict[str, list[Turn]] = {"sync pull": [], "import": []}
        with open_dealer(stage.folder, count) as dealer:
            for _ in range(stage.rounds):
                with open_gateway(stage, dealer) as gateway:
                    turns["sync pull"].append(gateway.run(read=count, created=count))
                turns["import"].append(_import(stage, dealer, file))
        show(console, self.name, count, turns)
        return [Result(self.name, "× sync pull", at_least(0.4), ratios(turns["sync pull"], turns["import"]))]


def _import(stage: Stage, dealer: Dealer, file: io.BytesIO) -> Turn:
    with open_gateway(stage, dealer) as gateway:
        caller = _caller()
        worker, postgres = cpu_seconds(gateway.worker.pid), cpu_seconds(stage.postgres_pid)
        began, began_cpu = time.monotonic(), time.process_time()
        read = arrival.read_whole(file, CSV, _MOST_BYTES, None, None)
        with transaction(caller) as tx:
            transfer_id = arrival.take(tx, read).id
        arrived, arrived_cpu = time.monotonic() - began, time.process_time() - began_cpu
        work = _wait(gateway, caller, transfer_id)
        if work.result != {"created": dealer.count, "failed": 0}:
            raise RunFailed(f"the import {work.status} with {work.result}: {work.error}")
        assert work.started_at is not None
        assert work.finished_at is not None
        seconds = arrived + (work.finished_at - work.started_at).total_seconds()
        worker = cpu_seconds(gateway.worker.pid) - worker + arrived_cpu
        return Turn(seconds, worker, cpu_seconds(stage.postgres_pid) - postgres)


def _wait(gateway: Gateway, caller: Caller, transfer_id: UUID) -> Operation:
    with transaction(caller) as tx:
        operation_id = service.start(tx, transfer_id, _TERMS).id
    deadline = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
        with transaction(SYSTEM) as tx:
            work = longrunning.get(tx, operation_id)
        if work.finished_at is not None:
            return work
    raise RunFailed(f"the import has not ended after {_MOST_SECONDS:.0f} s; the worker is {gateway.worker.pid}")


def _caller() -> Caller:
    """The dealer whose system is pulled, with all the fields that it lists."""
    granted = ["birth_date"]
    with transaction(SYSTEM) as tx:
        partner = partners.get_by_code(tx, "dealer")
        partners.change(tx, partner, {"granted_fields": granted}, partner.version)
    return Caller(
        Channel.EXTRANET, "dealer", partner_id=partner.id, partner="dealer", granted_fields=frozenset(granted)
    )


def _file_of(count: int) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(_rows(count))
    return io.BytesIO(text.getvalue().encode())


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    yield _HEADER
    for number in range(count):
        known = record(number)
        email, phone, place = known["contact_points"]
        address, attributes = place["address"], known["attributes"]
        yield (
            known["identifiers"][0]["value"], known["kind"], known["given_name"], known["family_name"],
            known["birth_date"], known["status"], known["locale"], email["value"], phone["value"], address["line1"],
            address["district"], address["city"], address["postal_code"], address["country"], attributes["body_type"],
            attributes["fuel"], attributes["visits"],
        )  # fmt: skip


BENCHMARK = CustomersImport()
