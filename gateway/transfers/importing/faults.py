"""What was wrong with the rows of an import, as a file to mend and bring again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from gateway.channels import Caller
from gateway.transfers import pieces, sheet
from gateway.transfers.models import Transfer


def file_of(caller: Caller, transfer: Transfer) -> Iterator[bytes]:
    """CSV: of each error its row, column, code and sentence, then the row's cells as they came."""
    columns: list[str] = transfer.about["columns"]
    yield sheet.BOM + sheet.written([["#row", "#column", "#code", "#message", *columns]])
    for piece in pieces.walk(caller, transfer.id, pieces.ERRORS):
        yield sheet.written(_rows(orjson.loads(piece)))


def _rows(faults: list[Any]) -> Iterator[list[Any]]:
    for number, errors, cells in faults:
        for error in errors:
            yield [number, error["column"], error["code"], error["message"], *(cells or ())]
