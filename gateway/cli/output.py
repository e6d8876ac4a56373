"""How commands print: tables for people, JSON for scripts (`-o json`), progress where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.table import Table

Record = Mapping[str, Any]
Command = TypeVar("Command", bound=Callable[..., Any])
_WIDE = 10_000  # nothing is cut where no terminal shows it


def with_output(command: Command) -> Command:
    """Give a command `-o json|table`, passed to it as `output`."""
    option = click.option(
        "-o", "--output", type=click.Choice(("table", "json")), default="table", show_default=True, help="How to print."
    )
    return option(command)


def show_list(records: Sequence[Record], columns: Sequence[str], output: str, empty: str = "Nothing yet.") -> None:
    """Print records: as a table of `columns`, or whole as a JSON list; `empty` names the next step."""
    if output == "json":
        show_json([dict(record) for record in records])
    elif not records:
        click.echo(empty)
    else:
        show_table(columns, [[record[column] for column in columns] for record in records])


def show_one(record: Record, output: str) -> None:
    """Print one record: its fields one below the other, or a JSON object."""
    if output == "json":
        show_json(dict(record))
    else:
        show_table(None, list(record.items()))


def show_table(columns: Sequence[str] | None, rows: Sequence[Sequence[Any]]) -> None:
    """Print rows under their headings, without lines between, so that they can be cut and grepped."""
    console = console_of()
    table = Table(
        *(columns or ("", "")), box=None, show_header=columns is not None, pad_edge=False, header_style="bold"
    )
    for row in rows:
        table.add_row(*(escape(as_text(value)) for value in row))
    with console.capture() as drawn:
        console.print(table)
    click.echo("\n".join(line.rstrip() for line in drawn.get().splitlines()))


def show_json(value: Any) -> None:
    """Print JSON; UUIDs and times are strings, letters stay what they are."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    click.echo(orjson.dumps(value, option=options).decode())


def as_text(value: Any) -> str:
    """A value as a cell shows it."""
    if value is None or value == []:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, list | tuple | set | frozenset):
        is_words = all(isinstance(each, str) for each in value)
        return " ".join(map(as_text, sorted(value) if is_words else value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)


def as_age(seconds: float | None) -> str:
    """How long ago, in the largest unit that tells something."""
    if seconds is None:
        return "–"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def console_of(*, to_stderr: bool = False) -> Console:
    """A console as wide as the terminal, or wide enough for anything where there is none."""
    file = sys.stderr if to_stderr else sys.stdout
    return Console(file=file, width=None if file.isatty() else _WIDE, highlight=False)


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Say on stderr what takes its time, where somebody watches."""
    console = console_of(to_stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield
