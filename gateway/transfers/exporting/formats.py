"""The formats of files that go out: each begins, adds rows and ends, and what it must remember between is JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from gateway.json_body import write_json
from gateway.transfers import sheet
from gateway.transfers.exporting import xlsx
from gateway.transfers.exporting.columns import columns_of, row_of
from gateway.transfers.importing.reading.formats import CSV, JSONL, XLSX

State = dict[str, Any]
Records = Sequence[dict[str, Any]]
MEDIA_TYPES = {"csv": f"{CSV}; charset=utf-8", "xlsx": XLSX, "jsonl": JSONL}


class Format(Protocol):
    """One format, for some fields of customers."""

    def begin(self) -> tuple[bytes, State]:
        """What a file begins with, and what to remember."""

    def add(self, records: Records, state: State) -> tuple[bytes, State]:
        """More records."""

    def end(self, state: State) -> bytes:
        """What a file ends with."""


class Table(NamedTuple):
    """CSV; for Excel as it stands in Turkey with a byte order mark and semicolons."""

    names: Sequence[str]
    for_excel: bool

    def begin(self) -> tuple[bytes, State]:
        """The header."""
        return (sheet.BOM if self.for_excel else b"") + self._written([columns_of(self.names)]), {}

    def add(self, records: Records, state: State) -> tuple[bytes, State]:
        """A row for each record."""
        return self._written(map(row_of(self.names), records)), {}

    def end(self, state: State) -> bytes:
        """Nothing."""
        return b""

    def _written(self, rows: Any) -> bytes:
        return sheet.written(rows, ";" if self.for_excel else ",")


class Lines(NamedTuple):
    """JSON Lines: the records as the list shows them."""

    names: Sequence[str]

    def begin(self) -> tuple[bytes, State]:
        """Nothing."""
        return b"", {}

    def add(self, records: Records, state: State) -> tuple[bytes, State]:
        """A line for each record."""
        return b"".join(write_json(record) + b"\n" for record in records), {}

    def end(self, state: State) -> bytes:
        """Nothing."""
        return b""


class Book(NamedTuple):
    """XLSX with one sheet."""

    names: Sequence[str]

    def begin(self) -> tuple[bytes, State]:
        """The header."""
        return xlsx.begin(columns_of(self.names))

    def add(self, records: Records, state: State) -> tuple[bytes, State]:
        """A row for each record."""
        return xlsx.add(map(row_of(self.names), records), state)

    def end(self, state: State) -> bytes:
        """The end of the sheet and its zip."""
        return xlsx.end(state)


def format_of(name: str, names: Sequence[str], *, for_excel: bool) -> Format:
    """The format of this name, for these fields."""
    formats: dict[str, Format] = {"csv": Table(names, for_excel), "jsonl": Lines(names), "xlsx": Book(names)}
    return formats[name]
