"""XLSX: the first sheet, its first row the names of the columns. A file is a zip, so what it unpacks to is bounded."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import IO, Any

from openpyxl import load_workbook

from gateway.transfers.importing.reading.rows import MOST_ROWS, Line, Reading, UnreadableFile, fitted, named

_MOST_PARTS, _MOST_UNPACKED, _MOST_GAIN = 2_000, 4, 200
_SMALL = 1 << 20
_MOST_SECONDS = 60


def read_workbook(file: IO[bytes], most_bytes: int) -> Reading:
    """Begin to read a workbook of at most so many bytes; raises UnreadableFile, the lines too."""
    file.seek(0)
    _check_size(file, most_bytes)
    rows = _rows(file)
    header = next(rows, [])
    while header and header[-1] in (None, ""):
        header.pop()
    columns = named(header)
    return Reading("xlsx", columns, _lines(rows, len(columns)))


def _check_size(file: IO[bytes], most_bytes: int) -> None:
    # What a part says of its size is a bound: Python unpacks no more of it than that.
    try:
        parts = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError):
        raise UnreadableFile("It is no sound XLSX file.") from None
    is_bomb = any(each.file_size > max(_SMALL, each.compress_size * _MOST_GAIN) for each in parts)
    if is_bomb or len(parts) > _MOST_PARTS or sum(each.file_size for each in parts) > most_bytes * _MOST_UNPACKED:
        raise UnreadableFile("It unpacks to far more than it is; save it as CSV.")


def _rows(file: IO[bytes]) -> Iterator[list[Any]]:
    until = time.monotonic() + _MOST_SECONDS
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its size may be wrong, and the rest would be cut off
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if time.monotonic() > until:
                raise UnreadableFile("It takes too long to read; save it as CSV.")
            if number > MOST_ROWS + 1:
                raise UnreadableFile(f"{MOST_ROWS:,} rows at most.")
            yield list(row)
    except UnreadableFile:
        raise
    except Exception as wrong:  # whatever a broken or hostile file makes its reader do
        raise UnreadableFile(f"It is no sound XLSX file ({type(wrong).__name__}).") from None


def _lines(rows: Iterator[list[Any]], width: int) -> Iterator[Line]:
    for number, cells in enumerate(rows, 2):
        line = fitted(number, [_text(cell) for cell in cells], width)
        if line is not None:
            yield line


def _text(cell: Any) -> str | None:
    """A cell as somebody would have typed it: a day without its midnight, a whole number without its decimals."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == clock_time():
        return cell.date().isoformat()
    if isinstance(cell, date | datetime | clock_time):
        return cell.isoformat()
    return "" if isinstance(cell, timedelta) else str(cell)
