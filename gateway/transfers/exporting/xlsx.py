"""XLSX written part by part, with what is needed to go on in a few numbers: no row is held, and a crash costs one part.

A workbook is a zip (APPNOTE 6.3.3) of XML (ECMA-376). The sheet comes last and says its size behind itself; each part
of it is a run of deflate blocks that ends at a whole byte, so the parts make one stream.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from xml.sax.saxutils import escape, unescape

from gateway.errors import Invalid

State = dict[str, Any]
MOST_ROWS = 1_048_576
_MOST_LETTERS, _MOST_BYTES = 32_767, 2**32 - 1
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OF_OFFICE = "http://schemas.openxmlformats.org"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEET = "xl/worksheets/sheet1.xml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_OF_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_OF_OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_OF_OFFICE}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_OF_OFFICE}/spreadsheetml/2006/main" '
    f'xmlns:r="{_OF_OFFICE}/officeDocument/2006/relationships"><sheets><sheet name="Köprü" sheetId="1" r:id="rId1"/>'
    "</sheets></workbook>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_OF_OFFICE}/package/2006/relationships"><Relationship '
    f'Id="rId1" Type="{_OF_OFFICE}/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>'
    "</Relationships>",
}
_BEGIN = f'{_HEAD}<worksheet xmlns="{_OF_OFFICE}/spreadsheetml/2006/main"><sheetData>'
_END = "</sheetData></worksheet>"
_TAG, _LOCAL = re.compile("<[^>]*>"), "<4sHHHHHIIIHH"
_VERSION, _SIZE_BEHIND, _DEFLATED, _DAY = 20, 8, 8, 0x21  # of 1 January 1980: the file says nothing of its time


class TooLarge(Invalid):
    """There are more rows than a sheet holds."""

    code, title = "too_many_rows", "A sheet holds no more rows; export as CSV, or fewer"


def begin(columns: Sequence[str]) -> tuple[bytes, State]:
    """The start of a workbook, with its header row."""
    head, entries = b"", []
    for name, content in _PARTS.items():
        raw = f"{_HEAD}{content}".encode()
        entries.append([name, 0, 0, zlib.crc32(raw), len(raw), len(raw), len(head)])
        head += _local(0, 0, zlib.crc32(raw), len(raw), name) + raw
    state = {"entries": entries, "sheet_at": len(head), "crc": 0, "size": 0, "packed": 0, "rows": 0}
    body, state = _add(_BEGIN + _row(columns), state | {"rows": 1})
    return head + _local(_SIZE_BEHIND, _DEFLATED, 0, 0, _SHEET) + body, state


def add(rows: Iterable[Sequence[Any]], state: State) -> tuple[bytes, State]:
    """More rows; raises TooLarge."""
    written = [_row(row) for row in rows]
    state = {**state, "rows": state["rows"] + len(written)}
    body, state = _add("".join(written), state)
    if state["rows"] > MOST_ROWS or state["size"] > _MOST_BYTES:
        raise TooLarge
    return body, state


def end(state: State) -> bytes:
    """What closes the sheet and the zip."""
    body, state = _add(_END, state, zlib.Z_FINISH)
    crc, packed, size, sheet_at = state["crc"], state["packed"], state["size"], state["sheet_at"]
    behind = struct.pack("<4sIII", b"PK\x07\x08", crc, packed, size)
    entries = [*state["entries"], [_SHEET, _SIZE_BEHIND, _DEFLATED, crc, packed, size, sheet_at]]
    directory = b"".join(_entry(*each) for each in entries)
    at = sheet_at + len(_local(0, 0, 0, 0, _SHEET)) + packed + len(behind)
    last = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, len(entries), len(entries), len(directory), at, 0)
    return body + behind + directory + last


def lines_of(parts: Iterable[bytes]) -> Iterator[str]:
    """The rows of a workbook, given as the parts that were written here of it, as text; its end may be missing yet."""
    unpacker, is_first = zlib.decompressobj(-zlib.MAX_WBITS), True
    for part in parts:
        sheet = unpacker.decompress(part[_sheet_at(part) :] if is_first else part)
        is_first = False
        yield from (unescape(_TAG.sub(" ", row)) for row in sheet.decode().split("</row>"))


def _sheet_at(head: bytes) -> int:
    """Where the packed sheet begins, behind the parts that come before it."""
    at, name = 0, b""
    while name != _SHEET.encode():
        *_, packed, _, length, _ = struct.unpack_from(_LOCAL, head, at)
        behind = at + struct.calcsize(_LOCAL) + length
        name, at = head[behind - length : behind], behind + packed
    return at


def _add(text: str, state: State, flush: int = zlib.Z_FULL_FLUSH) -> tuple[bytes, State]:
    raw = text.encode()
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(raw) + packer.flush(flush)
    grown = {"size": state["size"] + len(raw), "packed": state["packed"] + len(packed)}
    return packed, {**state, **grown, "crc": zlib.crc32(raw, state["crc"])}


def _row(cells: Sequence[Any]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "<c/>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = escape(_UNWRITABLE.sub("", str(value))[:_MOST_LETTERS])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'  # text, so never a formula


def _local(flags: int, method: int, crc: int, size: int, name: str) -> bytes:
    raw = name.encode()
    return struct.pack(_LOCAL, b"PK\x03\x04", _VERSION, flags, method, 0, _DAY, crc, size, size, len(raw), 0) + raw


def _entry(name: str, flags: int, method: int, crc: int, packed: int, size: int, at: int) -> bytes:
    raw = name.encode()
    known = (b"PK\x01\x02", _VERSION, _VERSION, flags, method, 0, _DAY, crc, packed, size, len(raw), 0, 0, 0, 0, 0, at)
    return struct.pack("<4sHHHHHHIIIHHHHHII", *known) + raw
