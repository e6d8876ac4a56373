"""A dealer that exports its customers into a folder, a file for each thing that happens, and reads what we drop."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.base import Page, Record
from connectors.csv_drop import CsvDrop
from connectors.http import Http

COLUMNS = {
    "customers": (
        "external_id", "version", "reference", "kind", "given_name", "family_name", "organisation_name", "birth_date",
        "tax_id", "locale", "email", "deleted",
    ),
    "interactions": (
        "external_id", "version", "reference", "customer_external_id", "channel", "kind", "direction", "occurred_at",
        "subject", "amount", "currency", "deleted",
    ),
}  # fmt: skip
TOMBSTONE = {"column": "deleted"}


class Exporter:
    """The dealer's system; `snapshots` writes all living records into every file instead of what changed."""

    def __init__(self, folder: Path, snapshots: bool = False) -> None:
        self.folder = folder
        self.snapshots = snapshots
        self._records: dict[str, dict[str, Record]] = {"customers": {}, "interactions": {}}
        self._files = 0
        self._last = 0
        if snapshots:
            self._export("customers", [])

    def add(self, stream: str, records: list[Record]) -> list[str]:
        ids = []
        for record in records:
            self._last += 1
            ids.append(f"C-{self._last}")
            self._records[stream][ids[-1]] = {**record, "external_id": ids[-1], "version": "1"}
        self._export(stream, ids)
        return ids

    def change(self, stream: str, external_id: str, fields: Record) -> None:
        record = self._records[stream][external_id]
        record |= {**fields, "version": str(int(record["version"]) + 1)}
        self._export(stream, [external_id])

    def remove(self, stream: str, external_id: str) -> None:
        del self._records[stream][external_id]
        self._export(stream, [external_id])

    def restore(self, stream: str, external_id: str, record: Record) -> None:
        self._records[stream][external_id] = {**record, "external_id": external_id, "version": "9"}
        self._export(stream, [external_id])

    def ids(self, stream: str) -> list[str]:
        return list(self._records[stream])

    def take_drops(self, stream: str = "customers") -> list[str]:
        """Read what we dropped and export what became of it; the ids of new records."""
        made: list[str] = []
        for row in drops(self.folder, stream):
            known = {record.get("reference"): key for key, record in self._records[stream].items()}
            external_id = row["external_id"] or known.get(row["reference"])
            said = {name: row[name] or None for name in row["changed"].split("|")} | {"reference": row["reference"]}
            if external_id is None:
                made += self.add(stream, [said])
            elif row["op"] != "delete":
                self.change(stream, external_id, said)
            elif external_id in self._records[stream]:
                self.remove(stream, external_id)
        return made

    def _export(self, stream: str, ids: list[str]) -> None:
        listed = list(self._records[stream]) if self.snapshots else ids
        content = io.StringIO()
        writer = csv.DictWriter(content, COLUMNS[stream], extrasaction="ignore")
        writer.writeheader()
        for external_id in listed:
            record = self._records[stream].get(external_id, {"external_id": external_id, "deleted": "1"})
            writer.writerow({**record, **((record.get("amount") and _flat(record["amount"])) or {})})
        self._files += 1
        deliver(self.folder / f"{stream}_{self._files:06}.csv", content.getvalue().encode())


def _flat(amount: Any) -> Record:
    return {"amount": amount["value"], "currency": amount["currency"]}


def deliver(path: Path, content: bytes) -> None:
    """A file that appears whole, as a careful partner would have it."""
    path.with_name(path.name + ".part").write_bytes(content)
    path.with_name(path.name + ".part").replace(path)


def drops(folder: Path, stream: str = "customers") -> Iterator[dict[str, str]]:
    """The rows of what we dropped, files taken away as they are read."""
    for path in sorted((folder / "out").glob(f"{stream}_*.csv")):
        yield from csv.DictReader(io.StringIO(path.read_text()))
        path.unlink()


def drop(folder: Path, http: Http | None = None, **more: Any) -> CsvDrop:
    """A connector for a folder, with a single stream of customers where `customers` describes one."""
    settings: dict[str, Any] = {"place": "folder", "folder": str(folder), "settle_seconds": 0, **more}
    if "customers" in settings:
        settings["streams"] = {"customers": {"pattern": "customers_*", **settings.pop("customers")}}
    return CsvDrop(CsvDrop.Settings().load(settings), http or Http(folders=[folder.parent]))


def pages(connector: CsvDrop, cursor: str | None = None) -> list[Page]:
    """All pages of a round, begun as a hub begins it: by acknowledging what it has committed."""
    if cursor is not None:
        connector.acknowledge("customers", cursor)
    return list(connector.pull("customers", cursor))


def records(connector: CsvDrop, cursor: str | None = None) -> list[Record]:
    """All records of a round, unreadable ones included."""
    return [record for page in pages(connector, cursor) for record in page.records]
