"""A mapping of columns, compiled into what makes a record of a row's cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.errors import FieldError, Invalid
from gateway.transfers import sheet
from gateway.transfers.importing.targets import Put, Row, is_repeatable, is_target, putter


class Mapped:
    """The columns of a file that mean something, and what."""

    def __init__(self, columns: Sequence[str], mapping: Mapping[str, str | None]) -> None:
        self._columns = columns
        places = {name: place for place, name in enumerate(columns)}
        self._puts: list[tuple[int, Put]] = sorted(
            ((places[name], putter(target)) for name, target in mapping.items() if target), key=lambda pair: pair[0]
        )

    def row(self, cells: Sequence[Any]) -> Row:
        """The record that a row's cells say; an empty cell says nothing."""
        row, width = Row(), len(cells)
        for place, put in self._puts:
            if place < width:
                cell = cells[place]
                if isinstance(cell, str):
                    cell = sheet.bare(cell.strip())
                if cell is not None and cell != "":
                    put(row, place, cell)
        if row.address:
            row.add("contact_points", {"kind": "address", "address": row.address, "primary": True}, row.address_column)
        return row

    def column_of(self, row: Row, pointer: str) -> str:
        """The name of the column that what a pointer leads to came from; empty where that is no single one."""
        parts = pointer.split("/")
        for length in range(len(parts), 1, -1):
            place = row.places.get("/".join(parts[:length]))
            if place is not None:
                return self._columns[place]
        return ""


def compiled(columns: Sequence[str], mapping: Mapping[str, str | None], writable: frozenset[str]) -> Mapped:
    """The mapping, ready to use; raises Invalid for columns and targets that there are not, or not for this caller."""
    errors = [error for name, target in mapping.items() for error in _faults(name, target, columns, writable)]
    once = [target for target in mapping.values() if target and not is_repeatable(target)]
    for target in sorted({each for each in once if once.count(each) > 1}):
        errors.append(_error("", "repeated", f"Two columns are mapped to {target}."))
    if not any(mapping.values()):
        errors.append(_error("", "required", "Map at least one column."))
    if errors:
        raise Invalid(errors=errors)
    return Mapped(columns, mapping)


def _faults(name: str, target: str | None, columns: Sequence[str], writable: frozenset[str]) -> list[FieldError]:
    if name not in columns:
        return [_error(name, "unknown_column", "The file has no such column.")]
    if target and not is_target(target, writable):
        return [_error(name, "unknown_field", f"There is no field {target}.")]
    return []


def _error(column: str, code: str, message: str) -> FieldError:
    escaped = column.replace("~", "~0").replace("/", "~1")
    return {"pointer": f"/mapping/{escaped}" if column else "/mapping", "code": code, "message": message}
