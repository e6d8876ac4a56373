"""An answer as a ZIP: `data.json` for a machine, `report.html` to read, and a file for each section.

It is written record by record, so how much there is of a person does not matter; no file in it is larger than 2 GiB.
"""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from gateway.customers.telling import registered
from gateway.db import Transaction
from gateway.json_body import write_json
from gateway.rights.access import report
from gateway.rights.access.pieces import Pieces

FORMAT, VERSION = "kopru.subject-access", 1
_PARTS_BETWEEN_RESTS = 1_000
Record = dict[str, Any]


def write(
    to: Pieces, tx: Transaction, customer_ids: list[UUID], made_at: datetime, rest: Callable[[], None]
) -> dict[str, int]:
    """Write the archive of what each section tells; answers how many records that are.

    What stands in several files is read for each: `tx` is a snapshot. `rest` is called every second or so.
    """
    numbers: Counter[str] = Counter()
    with zipfile.ZipFile(to, "w") as archive:
        for name, parts in _files(tx, customer_ids, made_at, numbers):
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as file:
                for count, part in enumerate(parts):
                    file.write(part)
                    if count % _PARTS_BETWEEN_RESTS == 0:
                        rest()
    return {section.name: numbers[section.name] for section in registered()}


def _files(
    tx: Transaction, customer_ids: list[UUID], made_at: datetime, numbers: Counter[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    about = {"format": FORMAT, "version": VERSION, "made_at": made_at, "customer_ids": customer_ids}
    yield "data.json", _data(tx, customer_ids, about, numbers)
    told = ((each.titles, numbers[each.name], each.tell(tx, customer_ids)) for each in registered())
    yield "report.html", report.written(told, made_at.isoformat(timespec="seconds"))
    for section in registered():
        yield f"sections/{section.name}.json", _array(section.tell(tx, customer_ids))


def _data(tx: Transaction, customer_ids: list[UUID], about: Record, numbers: Counter[str]) -> Iterator[bytes]:
    before = write_json(about)[:-1] + b',"sections":{'
    for section in registered():
        yield before + write_json(section.name) + b":"
        yield from _array(_counted(section.name, section.tell(tx, customer_ids), numbers))
        before = b","
    yield b"}}"


def _counted(name: str, records: Iterable[Record], numbers: Counter[str]) -> Iterator[Record]:
    for record in records:
        numbers[name] += 1
        yield record


def _array(records: Iterable[Record]) -> Iterator[bytes]:
    before = b"["
    for record in records:
        yield before + write_json(record)
        before = b","
    yield b"]" if before == b"," else b"[]"
