"""CSV: its delimiter guessed, its first row the names of the columns."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from typing import IO

from gateway.transfers.importing.reading.letters import CODECS, encoding_of
from gateway.transfers.importing.reading.rows import Line, Reading, UnreadableFile, fitted, named

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SAMPLE_LETTERS, _SAMPLE_ROWS = 65_536, 20


def read_table(file: IO[bytes], encoding: str | None, delimiter: str | None) -> Reading:
    """Begin to read a CSV file; raises UnreadableFile, the lines too."""
    known = encoding or encoding_of(file)
    file.seek(0)
    text = io.TextIOWrapper(file, CODECS[known], newline=None)  # whatever ends a line, also inside a cell
    try:
        sample = text.read(_SAMPLE_LETTERS)
        chosen = DELIMITERS[delimiter] if delimiter else _guess(sample)
        text.seek(0)
        rows = _rows(text, chosen)
        header = next(rows, None)
        if header is not None and len(header) <= 2 and header[0].lower().startswith("sep="):  # Excel's own hint
            header = next(rows, None)
        columns = named(header or [])
    except UnicodeError:
        raise _wrong_letters(known) from None
    word = next(word for word, sign in DELIMITERS.items() if sign == chosen)
    return Reading("csv", columns, _lines(rows, len(columns), known, text), known, word)


def _lines(rows: Iterator[list[str]], width: int, encoding: str, text: io.TextIOWrapper) -> Iterator[Line]:
    try:
        for number, cells in enumerate(rows, 2):
            line = fitted(number, cells, width)
            if line is not None:
                yield line
    except UnicodeError:
        raise _wrong_letters(encoding) from None
    finally:
        text.detach()  # else it would close the file, which may have to be read again


def _rows(text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(text, delimiter=delimiter)
    try:
        yield from reader
    except csv.Error as wrong:
        raise UnreadableFile(f"Line {reader.line_num}: {wrong}.") from None


def _guess(sample: str) -> str:
    """The sign that cuts the first rows into most cells, as many in each."""
    return max(DELIMITERS.values(), key=lambda sign: _cells(sample, sign))


def _cells(sample: str, sign: str) -> tuple[int, int]:
    rows = csv.reader(io.StringIO(sample), delimiter=sign)
    try:
        counts = Counter(len(row) for row, _ in zip(rows, range(_SAMPLE_ROWS), strict=False) if len(row) > 1)
    except csv.Error:
        return 0, 0
    width, alike = max(counts.items(), key=lambda pair: pair[1], default=(0, 0))
    return alike, width


def _wrong_letters(encoding: str) -> UnreadableFile:
    return UnreadableFile(f"It holds bytes that are not {encoding}.")
