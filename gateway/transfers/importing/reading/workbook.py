"""XLSX (ECMA-376): the first sheet, its first row the names of the columns.

A workbook is a zip of XML, so what it unpacks to is bounded, and no row is held longer than it is looked at.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, TypeVar

from gateway.transfers.importing.reading.rows import Line, Reading, UnreadableFile, fitted, named
from gateway.transfers.importing.reading.sheet_cells import Book, Sheet, Strings, Styles, Targets
from gateway.transfers.importing.reading.xml_events import Reader, read_xml

Listener = TypeVar("Listener", bound=Reader)
_MOST_PARTS, _MOST_UNPACKED, _MOST_GAIN = 2_000, 4, 200
_SMALL = 1 << 20
_ENCRYPTED = 1


def read_workbook(file: IO[bytes], most_bytes: int) -> Reading:
    """Begin to read a workbook of at most so many bytes; raises UnreadableFile, the lines too."""
    file.seek(0)
    rows = _sound(_rows(file, most_bytes))
    _, header = next(rows, (1, []))
    while header and header[-1] in (None, ""):
        header.pop()
    columns = named(header)
    return Reading("xlsx", columns, _lines(rows, len(columns)))


def _lines(rows: Iterator[tuple[int, list[str | None]]], width: int) -> Iterator[Line]:
    for number, cells in rows:
        line = fitted(number, cells, width)
        if line is not None:
            yield line


def _sound(rows: Iterator[tuple[int, list[str | None]]]) -> Iterator[tuple[int, list[str | None]]]:
    try:
        yield from rows
    except (zipfile.BadZipFile, zlib.error, LookupError, ValueError, NotImplementedError, EOFError):
        raise UnreadableFile("It is no sound XLSX file.") from None


def _rows(file: IO[bytes], most_bytes: int) -> Iterator[tuple[int, list[str | None]]]:
    with zipfile.ZipFile(file) as parts:
        _check_size(parts, most_bytes)
        known = set(parts.namelist())
        book = _read(parts, "xl/workbook.xml", Book())
        targets = _read(parts, "xl/_rels/workbook.xml.rels", Targets()).found
        shared = _read(parts, "xl/sharedStrings.xml", Strings(most_bytes)) if "xl/sharedStrings.xml" in known else None
        styles = _read(parts, "xl/styles.xml", Styles()) if "xl/styles.xml" in known else None
        sheet = Sheet(shared.found if shared else [], styles.days if styles else [], book.since_1904)
        name = posixpath.normpath(posixpath.join("/xl", targets[book.sheets[0]])).lstrip("/")
        with parts.open(name) as part:
            for _ in read_xml(part, sheet):
                yield from sheet.rows
                sheet.rows.clear()


def _read(parts: zipfile.ZipFile, name: str, reader: Listener) -> Listener:
    with parts.open(name) as part:
        for _ in read_xml(part, reader):
            pass
    return reader


def _check_size(parts: zipfile.ZipFile, most_bytes: int) -> None:
    # What a part says of its size is a bound: Python unpacks no more of it than that.
    infos = parts.infolist()
    is_bomb = any(each.file_size > max(_SMALL, each.compress_size * _MOST_GAIN) for each in infos)
    if is_bomb or len(infos) > _MOST_PARTS or sum(each.file_size for each in infos) > most_bytes * _MOST_UNPACKED:
        raise UnreadableFile("It unpacks to far more than it is; save it as CSV.")
    if any(each.flag_bits & _ENCRYPTED for each in infos):
        raise UnreadableFile("It is encrypted.")
