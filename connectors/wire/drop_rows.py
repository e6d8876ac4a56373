"""The rows of a dropped file, one at a time and from any row on: CSV, TSV and JSON Lines.

A row that cannot be read costs itself alone: after a quotation mark that never closes, the next line is a row again.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from connectors.errors import ConnectorError
from connectors.wire.converters import Json
from connectors.wire.drop_encodings import ERRORS, fault

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_LINE = 1 << 20
_LONGEST_ROW = 1 << 22
_LONGEST_NAME = 200
_MOST_COLUMNS = 1000
_MOST_LINES = 1000  # of one row, line breaks inside quotes included


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: `delimiter` None is found out, `columns` () stands in the first row."""

    kind: str = "csv"
    delimiter: str | None = None
    quote: str = '"'
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row, or why it cannot be read, and then `values` as far as there are any.

    The next one begins at byte `end` and line `next_line`.
    """

    line: int
    end: int
    next_line: int
    values: Json = field(repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """The spooled text of one file."""

    name: str
    file: BinaryIO
    codec: str
    begins: int


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start: int
    text: str
    is_cut: bool


class _Endless(Exception):
    """A row that goes on and on."""


class _Lines:
    """Decoded lines with their places; what the row being read took is remembered, so that it can be put back."""

    def __init__(self, text: Text, start: int, number: int) -> None:
        self._file, self._codec = text.file, text.codec
        self.taken: list[_Line] = []
        self._go_to(start, number)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self.taken and (len(self.taken) >= _MOST_LINES or self.place - self.taken[0].start > _LONGEST_ROW):
            raise _Endless
        raw = self._file.readline(_LONGEST_LINE)
        if not raw:
            raise StopIteration
        line = _Line(self.number, self.place, raw.decode(self._codec, ERRORS), len(raw) == _LONGEST_LINE)
        self.taken.append(line)
        self._go_on(raw)
        if line.is_cut:
            raise _Endless
        return line.text

    def put_back(self) -> None:
        """Go on behind the first line of what was taken."""
        if len(self.taken) > 1:
            self._go_to(self.taken[1].start, self.taken[1].number)

    def _go_to(self, place: int, number: int) -> None:
        self.place, self.number = place, number
        self._file.seek(place)

    def _go_on(self, raw: bytes) -> None:
        self.place += len(raw)
        while not raw.endswith(b"\n") and len(raw) == _LONGEST_LINE:
            raw = self._file.readline(_LONGEST_LINE)
            self.place += len(raw)
        self.number += 1


def rows(text: Text, form: Form, start: int = 0, line: int = 0) -> Iterator[Row]:
    """Every row from byte `start` on (0: the first), which stands on line `line`; blank lines are passed over."""
    if form.kind == "jsonl":
        yield from _json_rows(text, start or text.begins, line or 1)
    else:
        yield from _table_rows(text, form, start, line)


def is_blank(text: Text) -> bool:
    """Whether there is nothing in it, not even a header."""
    text.file.seek(text.begins)
    return not any(line.strip() for line in iter(lambda: text.file.readline(_LONGEST_LINE), b""))


def _json_rows(text: Text, start: int, number: int) -> Iterator[Row]:
    lines = _Lines(text, start, number)
    while True:
        lines.taken.clear()
        try:
            content = next(lines)
        except StopIteration:
            return
        except _Endless:
            yield _row(text, lines, {}, f"is longer than {_LONGEST_LINE} bytes")
            continue
        if content.strip():
            values, problem = _parse(content, text.codec)
            yield _row(text, lines, values, problem)


def _parse(content: str, codec: str) -> tuple[Json, str | None]:
    broken = fault(content, codec)
    if broken:
        return {}, broken
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}, "is no JSON"
    return (values, None) if isinstance(values, dict) else ({}, "is no JSON object")


def _table_rows(text: Text, form: Form, start: int, number: int) -> Iterator[Row]:
    lines = _Lines(text, text.begins, 1)
    columns, dialect = _head(text, form, lines)
    if not columns:
        return
    if start:
        lines = _Lines(text, start, number)
    reader = csv.reader(lines, **dialect)
    while True:
        lines.taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Endless):
            lines.put_back()
            yield _row(text, lines, {}, "is no row: a quotation mark or a line end is missing or in the wrong place")
            continue
        if any(cells):
            values, problem = _named(cells, columns)
            yield _row(text, lines, values, problem or _fault(lines, text.codec))


def _head(text: Text, form: Form, lines: _Lines) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The names of the columns and how to read the rows; afterwards the first row of data is the next one."""
    first = text.file.readline(_LONGEST_LINE).decode(text.codec, ERRORS)
    text.file.seek(text.begins)
    delimiter = form.delimiter or _delimiter(first, form)
    quoting = {"quotechar": form.quote} if form.quote else {"quoting": csv.QUOTE_NONE}
    dialect: dict[str, Any] = {"delimiter": delimiter, "strict": True, **quoting}
    if form.columns:
        return form.columns, dialect
    try:
        columns = tuple(cell.strip() for cell in next(csv.reader(lines, **dialect), ()))
    except (csv.Error, _Endless):
        raise ConnectorError(f"The header of {text.name} cannot be read.", permanent=True) from None
    _check_columns(text, columns)
    return columns, dialect


def _check_columns(text: Text, columns: Sequence[str]) -> None:
    if broken := fault("".join(columns), text.codec):
        raise ConnectorError(f"The header of {text.name} {broken}.", permanent=True)
    if len(columns) > _MOST_COLUMNS:
        raise ConnectorError(f"{text.name} has more than {_MOST_COLUMNS} columns.", permanent=True)
    names = list(filter(None, columns))
    wrong = next((name for name, count in Counter(names).items() if count > 1 or len(name) > _LONGEST_NAME), None)
    wrong = wrong or next((name for name in names if any(name.startswith(f"{other}.") for other in names)), None)
    if wrong is not None:
        told = f"The header of {text.name} names '{wrong[:_LONGEST_NAME]}' twice, within another, or far too long."
        raise ConnectorError(told, permanent=True)


def _delimiter(first: str, form: Form) -> str:
    """The one that makes the row as wide as it should be, or else as wide as can be."""

    def width(delimiter: str) -> tuple[bool, int]:
        cells = next(csv.reader([first], delimiter=delimiter, quotechar=form.quote or '"'), [])
        return len(cells) == len(form.columns), len(cells)

    return "\t" if form.kind == "tsv" else max(DELIMITERS, key=width)


def _named(cells: Sequence[str], columns: Sequence[str]) -> tuple[Json, str | None]:
    values: Json = {name: cell if cell.strip() else None for name, cell in zip(columns, cells, strict=False) if name}
    values = _nested(values) if any("." in name for name in columns) else values
    if len(cells) < len(columns) or any(cells[len(columns) :]):
        return values, f"has {len(cells)} cells where the header has {len(columns)}"
    return values, None


def _nested(values: Json) -> Json:
    """Columns with dotted names as the paths they are."""
    whole: Json = {}
    for name, cell in values.items():
        *parents, leaf = name.split(".")
        place = whole
        for step in parents:
            place = place.setdefault(step, {})
        place[leaf] = cell
    return whole


def _fault(lines: _Lines, codec: str) -> str | None:
    return next((broken for line in lines.taken if (broken := fault(line.text, codec))), None)


def _row(text: Text, lines: _Lines, values: Json, problem: str | None) -> Row:
    first = lines.taken[0].number
    return Row(first, lines.place, lines.number, values, problem and f"Line {first} of {text.name} {problem}.")
