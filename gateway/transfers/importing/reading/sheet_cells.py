"""The parts of a workbook: its sheets, shared texts, styles as far as they make a number a day, and rows of cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from gateway.transfers.importing.reading.rows import MOST_COLUMNS, UnreadableFile

# Formats of days and times that need no declaration (ECMA-376 part 1, 18.8.30).
_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_OF_THE_FORM = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_LETTERS = re.compile(r"([A-Z]{1,3})[0-9]*")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
_MOST_ROWS = 1_048_576
_SINCE, _SINCE_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)


class _Quiet:
    """Listens to what none of its kind cares for."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""

    def text(self, text: str) -> None:
        """Some letters."""

    def end(self, name: str) -> None:
        """An element ends."""


class Book(_Quiet):
    """The sheets in their order, by the id of their part, and from when days are counted."""

    def __init__(self) -> None:
        self.sheets: list[str] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A sheet, or a property of the workbook."""
        if name == "sheet":
            self.sheets.append(next((value for key, value in attributes.items() if key.endswith(":id")), ""))
        elif name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in ("1", "true")


class Targets(_Quiet):
    """Where a part of some id stands."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A relationship."""
        if name == "Relationship":
            self.found[attributes["Id"]] = attributes["Target"]


class Styles(_Quiet):
    """Of each style of cells whether it shows a number as a day."""

    def __init__(self) -> None:
        self.days: list[bool] = []
        self._own: set[int] = set()
        self._is_of_cells = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A format, or a style that has one."""
        if name == "numFmt" and re.search("[dmyhs]", _NOT_OF_THE_FORM.sub("", attributes["formatCode"].lower())):
            self._own.add(int(attributes["numFmtId"]))
        elif name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells:
            form = int(attributes.get("numFmtId", "0"))
            self.days.append(form in _DAYS or form in self._own)

    def end(self, name: str) -> None:
        """The end of the styles of cells."""
        self._is_of_cells = self._is_of_cells and name != "cellXfs"


class Strings(_Quiet):
    """The shared texts, of so many letters at most."""

    def __init__(self, most_letters: int) -> None:
        self.found: list[str] = []
        self._left = most_letters
        self._parts: list[str] = []
        self._is_text = self._is_phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A text, a run of one, or how one is pronounced."""
        self._is_phonetic = self._is_phonetic or name == "rPh"
        self._is_text = name == "t" and not self._is_phonetic

    def text(self, text: str) -> None:
        """Some of a text."""
        if self._is_text:
            self._parts.append(text)
            self._left -= len(text)
            if self._left < 0:
                raise UnreadableFile("There is too much text in it; save it as CSV.")

    def end(self, name: str) -> None:
        """The end of a text."""
        self._is_text = False
        if name == "rPh":
            self._is_phonetic = False
        elif name == "si":
            self.found.append("".join(self._parts))
            self._parts = []


class Sheet(_Quiet):
    """Rows by their numbers, each cell as somebody would have typed it; whoever reads takes them away."""

    def __init__(self, shared: Sequence[str], days: Sequence[bool], since_1904: bool) -> None:
        self.rows: list[tuple[int, list[str | None]]] = []
        self._shared, self._days = shared, days
        self._since = _SINCE_1904 if since_1904 else _SINCE
        self._number = 0
        self._cells: list[str | None] = []
        self._kind, self._style = "n", 0
        self._parts: list[str] = []
        self._is_value = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """A row, a cell, or its value."""
        if name == "row":
            self._number, self._cells = int(attributes.get("r", self._number + 1)), []
            if not 0 < self._number <= _MOST_ROWS:
                raise UnreadableFile("It numbers its rows as no sheet does.")
        elif name == "c":
            self._go_to(attributes.get("r", ""))
            self._kind, self._style, self._parts = attributes.get("t", "n"), int(attributes.get("s", "0")), []
        self._is_value = name in ("v", "t")

    def text(self, text: str) -> None:
        """Some of a value."""
        if self._is_value:
            self._parts.append(text)

    def end(self, name: str) -> None:
        """The end of a cell, or of a row."""
        self._is_value = False
        if name == "c":
            self._cells.append(self._typed("".join(self._parts)) if self._parts else None)
        elif name == "row":
            self.rows.append((self._number, self._cells))

    def _go_to(self, place: str) -> None:
        """Leave the cells empty that come before a place such as C7."""
        letters = _LETTERS.fullmatch(place)
        column = len(self._cells)
        if letters:
            column = sum(26**power * (ord(each) - 64) for power, each in enumerate(reversed(letters[1]))) - 1
        if column > MOST_COLUMNS:
            raise UnreadableFile(f"{MOST_COLUMNS} columns at most.")
        self._cells += [None] * (column - len(self._cells))

    def _typed(self, raw: str) -> str:
        if self._kind == "s":
            return self._shared[int(raw)]
        if self._kind == "b":
            return "true" if raw == "1" else "false"
        if self._kind != "n":
            return raw
        if self._style < len(self._days) and self._days[self._style]:
            return self._day(float(raw))
        return raw if _WHOLE.fullmatch(raw) else _number(float(raw))

    def _day(self, serial: float) -> str:
        if not 0 <= serial < 2_958_466:  # the year 10000
            return _number(serial)
        moment = self._since + timedelta(seconds=round(serial * 86_400))
        return moment.date().isoformat() if serial == int(serial) else moment.isoformat()


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
