"""CSV as spreadsheets read it, in which no cell is ever a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

BOM = b"\xef\xbb\xbf"
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def written(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> bytes:
    """Rows as CSV in UTF-8 (RFC 4180); a cell that a spreadsheet would reckon with gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue().encode()


def bare(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_BEGINS_FORMULA) else cell


def _cell(value: Any) -> str:
    if value is None:
        return ""
    plain = value if isinstance(value, str) else orjson.dumps(value).decode()
    return f"'{plain}" if plain.startswith(_BEGINS_FORMULA) and isinstance(value, str) else plain
