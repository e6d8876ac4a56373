"""JSON Lines: an object on each line, its keys the columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from gateway.errors import Problem
from gateway.json_body import parse_json
from gateway.transfers.importing.reading.rows import MOST_COLUMNS, MOST_NAME, Line, Reading

_MOST_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"


def read_lines(file: IO[bytes]) -> Reading:
    """Begin to read JSON Lines in UTF-8."""
    file.seek(0)
    places: dict[str, int] = {}
    reading = Reading("jsonl", [], iter(()), "utf-8")
    reading.lines = _lines(file, places, reading.columns)
    return reading


def _lines(file: IO[bytes], places: dict[str, int], columns: list[str]) -> Iterator[Line]:
    number = 0
    while raw := file.readline(_MOST_BYTES + 1):
        number += 1
        if len(raw) > _MOST_BYTES:
            _skip_rest(file)
            yield Line(number, None, "A line has 1 MiB at most.")
        elif plain := raw.removeprefix(_MARK).strip():
            yield _line(number, plain, places, columns)


def _line(number: int, raw: bytes, places: dict[str, int], columns: list[str]) -> Line:
    try:
        found = parse_json(raw)
    except Problem as wrong:
        return Line(number, None, str(wrong))
    if not isinstance(found, dict):
        return Line(number, None, "Not a JSON object.")
    for name in found.keys() - places.keys():
        if len(places) >= MOST_COLUMNS or len(name) > MOST_NAME:
            return Line(number, None, f"{MOST_COLUMNS} different keys at most, of {MOST_NAME} letters.")
        places[name] = len(places)
        columns.append(name)
    cells: list[Any] = [None] * len(places)
    for name, value in found.items():
        cells[places[name]] = value
    return Line(number, cells)


def _skip_rest(file: IO[bytes]) -> None:
    while (rest := file.readline(_MOST_BYTES)) and not rest.endswith(b"\n"):
        pass
