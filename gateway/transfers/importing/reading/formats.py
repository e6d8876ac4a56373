"""The formats a file may have, by its media type."""

from __future__ import annotations

from importlib import import_module
from typing import IO

from gateway.transfers.importing.reading.lines import read_lines
from gateway.transfers.importing.reading.rows import Reading
from gateway.transfers.importing.reading.table import read_table

CSV, JSONL = "text/csv", "application/jsonl"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ALSO_JSONL = ("application/x-ndjson", "application/jsonlines")
TYPES = (CSV, XLSX, JSONL, *_ALSO_JSONL)
# Loaded with the first workbook that comes: it takes 12 MiB, and most processes never see one.
_WORKBOOKS = "gateway.transfers.importing.reading.workbook"


def read(
    file: IO[bytes], media_type: str, most_bytes: int, encoding: str | None = None, delimiter: str | None = None
) -> Reading:
    """Begin to read a file of one of TYPES; raises UnreadableFile, its lines too."""
    if media_type == CSV:
        return read_table(file, encoding, delimiter)
    if media_type == XLSX:
        reading: Reading = import_module(_WORKBOOKS).read_workbook(file, most_bytes)
        return reading
    return read_lines(file)
