"""What we drop for the partner: one file of changes, in the columns of the mapping reversed.

Every row names what it does (`op`), our reference and, once known, the partner's own id. A create whose reference the
partner has already is an update. In a table an empty cell may mean "empty" or "not changed", so `changed` names the
columns that the row speaks of, separated by |. Cells are data for a machine and may begin with =, +, - or @, as phone
numbers do; `quote_formulas` puts an apostrophe before those, for partners who open the file in a spreadsheet.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import hashlib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from connectors.base import Change
from connectors.errors import ConnectorError
from connectors.wire.converters import Json
from connectors.wire.drop_columns import Columns
from connectors.wire.mapping import dig, put

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CODECS = {"auto": "utf-8", "windows-1254": "cp1254", "utf-16": "utf-16-le"}


class Outbound:
    """How one stream's changes are written."""

    def __init__(self, settings: Mapping[str, Any], stream: str, columns: Columns) -> None:
        self._settings = settings
        self._stream = stream
        self._form = settings["streams"][stream]
        self._meaning = columns
        self._codec = _CODECS.get(self._form["encoding"], self._form["encoding"])
        names = [settings["op"], settings["reference"], columns.external_id, *columns.written()]
        self._columns = [*dict.fromkeys(names), settings["changed"]]

    def row(self, change: Change) -> bytes:
        """One change as bytes; a permanent ConnectorError when a value does not fit the column or the encoding."""
        try:
            values = self._values(change)
            line = orjson.dumps(values).decode() + "\n" if self._is_json else self._line(self._cells(values))
            return line.encode(self._codec)
        except UnicodeEncodeError as error:
            letter = error.object[error.start]
            raise ConnectorError(f"{self._form['encoding']} has no letter {letter!r}.", permanent=True) from None
        except (ValueError, TypeError, AttributeError) as error:
            raise ConnectorError(f"A value does not fit the partner's column: {error}", permanent=True) from None

    def file(self, rows: Sequence[bytes]) -> tuple[str, bytes]:
        """A name that sorts by time and tells the content, and the whole content."""
        head = b"" if self._is_json else self._line(self._columns).encode(self._codec)
        mark = codecs.BOM_UTF16_LE if self._codec == "utf-16-le" else b""
        data = mark + head + b"".join(rows)
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%dT%H%M%S%fZ")
        return f"{self._stream}_{stamp}_{hashlib.sha256(data).hexdigest()[:12]}.{self._form['format']}", data

    @property
    def _is_json(self) -> bool:
        return bool(self._form["format"] == "jsonl")

    def _values(self, change: Change) -> Json:
        record = change.record or {}
        values = self._meaning.to_values(record)
        values |= {self._settings["op"]: change.op, self._settings["reference"]: change.key}
        if change.external_id is not None:
            put(values, self._meaning.external_id, change.external_id)
        if not self._is_json:
            values[self._settings["changed"]] = "|".join(dict.fromkeys(self._meaning.spoken_of(record)))
        return values

    def _cells(self, values: Json) -> list[str]:
        return [self._cell(dig(values, column)) for column in self._columns]

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        return f"'{text}" if self._settings["quote_formulas"] and text.startswith(_FORMULA) else text

    def _line(self, cells: Sequence[str]) -> str:
        line = io.StringIO()
        delimiter = self._form["delimiter"]
        usual = "\t" if self._form["format"] == "tsv" else ","
        quote = self._form["quote"] or '"'
        csv.writer(line, delimiter=usual if delimiter == "auto" else delimiter, quotechar=quote).writerow(cells)
        return line.getvalue()
