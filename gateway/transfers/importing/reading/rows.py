"""What every format is read into: named columns, and numbered rows of cells or of what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.errors import Invalid
from schemas.base import storable

MOST_COLUMNS, MOST_ROWS, MOST_NAME = 500, 1_000_000, 200


class UnreadableFile(Invalid):
    """The file cannot be read as what it says it is; nothing was kept."""

    code, title = "unreadable_file", "The file cannot be read"


class Line(NamedTuple):
    """A row by the number under which whoever wrote the file finds it: its cells, or why it has none."""

    number: int
    cells: list[Any] | None
    fault: str = ""


@dataclass(slots=True)
class Reading:
    """A file being read; `columns` may grow until the last line."""

    format: str
    columns: list[str]
    lines: Iterator[Line]
    encoding: str | None = None
    delimiter: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


def named(cells: Iterable[Any]) -> list[str]:
    """The names of columns from the cells of a header, each once; raises UnreadableFile."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        name = str("" if cell is None else cell).strip()[:MOST_NAME] or f"#{place}"
        if not storable(name):
            raise UnreadableFile("The header holds what no text can.")
        names.append(name if name not in names else f"{name} ({place})")
    if not any(not name.startswith("#") for name in names):
        raise UnreadableFile("The first row is to name the columns, and it is empty.")
    if len(names) > MOST_COLUMNS:
        raise UnreadableFile(f"{MOST_COLUMNS} columns at most.")
    return names


def fitted(number: int, cells: list[Any], width: int) -> Line | None:
    """A row of a table as a line; None for one that is empty."""
    if not any(cells):
        return None
    if len(cells) > width and any(cells[width:]):
        return Line(number, None, f"There are {len(cells)} cells below {width} columns.")
    return Line(number, cells[:width])
