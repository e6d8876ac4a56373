"""Reading files as people really save them."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from gateway.transfers.importing.reading.formats import CSV, JSONL, XLSX, read
from gateway.transfers.importing.reading.rows import Line, UnreadableFile

MOST_BYTES = 1 << 20
TABLE = "Ad;Soyad;Not\nİğdır;Çöl;a\nŞule;Öztürk;ğüşıöç\n"


def lines_of(content: bytes, media_type: str = CSV) -> tuple[list[str], list[Line]]:
    """The columns and the rows of a file."""
    reading = read(io.BytesIO(content), media_type, MOST_BYTES)
    lines = list(reading.lines)
    return reading.columns, lines


def workbook(*rows: list[object]) -> bytes:
    """An XLSX file of these rows."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("codec", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("iso-8859-9", "iso-8859-9")],
)
def test_turkish_is_read_in_whatever_it_was_saved(codec: str, told: str) -> None:
    reading = read(io.BytesIO(TABLE.encode(codec)), CSV, MOST_BYTES)
    assert (reading.encoding, reading.delimiter, reading.columns) == (told, "semicolon", ["Ad", "Soyad", "Not"])
    assert [line.cells for line in reading.lines] == [["İğdır", "Çöl", "a"], ["Şule", "Öztürk", "ğüşıöç"]]


def test_letters_of_windows_are_told_from_those_of_iso() -> None:
    reading = read(io.BytesIO("Ad;Not\nŞule;“5 €”\n".encode("cp1254")), CSV, MOST_BYTES)
    assert (reading.encoding, next(reading.lines).cells) == ("windows-1254", ["Şule", "“5 €”"])


def test_mixture_of_encodings_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="Part of it is UTF-8"):
        lines_of("Ad\nŞule\n".encode() + "Çağla\n".encode("cp1254"))


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_delimiter_is_the_one_that_cuts_all_rows_alike(sign: str) -> None:
    rows = [["Ad", "Adres", "İl"], ["Can", '"Lale Sk., No: 5; D: 3 | A"', "Van"], ["Su", '"Ay Sk.\n2"', "Muş"]]
    columns, lines = lines_of("\r\n".join(sign.join(row) for row in rows).encode())
    assert columns == ["Ad", "Adres", "İl"]
    assert [line.cells for line in lines] == [["Can", "Lale Sk., No: 5; D: 3 | A", "Van"], ["Su", "Ay Sk.\n2", "Muş"]]


def test_rows_keep_the_numbers_a_spreadsheet_shows() -> None:
    _, lines = lines_of(b"Ad;No\nCan;1\n;;\n\nSu;2;3\n")
    assert [(line.number, line.cells) for line in lines] == [(2, ["Can", "1"]), (5, None)]
    assert "3 cells below 2 columns" in lines[1].fault


def test_workbook_says_what_a_person_would_have_typed() -> None:
    rows = [["Ad", "Doğum", "Tel", "Puan", None], ["İnci", date(1990, 5, 17), 5321112233, 1.5, None], [None, None]]
    columns, lines = lines_of(workbook(*rows, ["Su", datetime(2020, 1, 2, 3, 4), 7.0, True]), XLSX)
    assert columns == ["Ad", "Doğum", "Tel", "Puan"]
    assert [tuple(line) for line in lines] == [
        (2, ["İnci", "1990-05-17", "5321112233", "1.5"], ""),
        (4, ["Su", "2020-01-02T03:04:00", "7", "true"], ""),
    ]


def test_lines_of_json_have_the_columns_of_all_their_keys() -> None:
    columns, lines = lines_of('{"ad":"Işıl"}\n\n{"ad":"Su","no":5}\n[1]\n{"ad":\n'.encode(), JSONL)
    assert columns == ["ad", "no"]
    assert [line.cells for line in lines] == [["Işıl"], ["Su", 5], None, None]
    assert [line.number for line in lines] == [1, 3, 4, 5]


def bomb() -> bytes:
    """A workbook whose sheet is nothing but a long word, packed a thousand to one."""
    sound, file = io.BytesIO(workbook(["Ad"])), io.BytesIO()
    with zipfile.ZipFile(sound) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts.namelist():
            packed.writestr(part, parts.read(part))
        packed.writestr("xl/bomb.xml", b"0" * 40 * MOST_BYTES)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type", "why"),
    [
        (b"PK\x03\x04 nothing", XLSX, "no sound XLSX"),
        (bomb(), XLSX, "unpacks to far more"),
        (b"", CSV, "name the columns"),
        (b";;\n1;2;3\n", CSV, "name the columns"),
        (";".join(f"S{number}" for number in range(501)).encode(), CSV, "500 columns"),
    ],
    ids=["no workbook", "bomb", "empty", "nameless", "wide"],
)
def test_file_that_cannot_be_read_is_refused_with_a_reason(content: bytes, media_type: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        lines_of(content, media_type)


SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
INLINE = b't="inlineStr"><is><t>Su</t></is>'


def rewritten(parts: dict[str, tuple[bytes, bytes]]) -> bytes:
    """A sound workbook of which some parts say something else, or are there besides."""
    sound, file = io.BytesIO(workbook(["Ad"], ["Su"])), io.BytesIO()
    with zipfile.ZipFile(sound) as read, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in read.namelist():
            before, after = parts.pop(name, (b"", b""))
            assert before in read.read(name)
            packed.writestr(name, read.read(name).replace(before, after) if before else read.read(name))
        for name, (_, content) in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def laughs() -> bytes:
    """A document type whose last entity is three thousand million letters long."""
    entities = (f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
    return f'<!DOCTYPE x [<!ENTITY l0 "lol">{"".join(entities)}]><workbook x="&l9;" '.encode()


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({BOOK: (b"<workbook ", laughs())}, "no sound XLSX"),
        ({SHEET: (b'<row r="2"', b'<row r="99999999999999999999"')}, "1,000,000 rows"),
        ({SHEET: (INLINE, b't="s"><v>7</v>')}, "no sound XLSX"),
        ({SHEET: (b"</row>", b"</raw>")}, "no sound XLSX"),
    ],
    ids=["laughs", "far", "missing text", "broken"],
)
def test_hostile_workbook_is_refused(parts: dict[str, tuple[bytes, bytes]], why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        lines_of(rewritten(parts), XLSX)


def test_no_cell_is_cut_off_where_a_sheet_is_wider_than_it_says() -> None:
    (line,) = lines_of(rewritten({SHEET: (b'r="A2"', b'r="XFD2"')}), XLSX)[1]
    assert "16384 cells below 1 columns" in line.fault


def test_part_of_another_kind_in_a_workbook_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/epub+zip")
    with pytest.raises(UnreadableFile, match="no sound XLSX"):
        lines_of(file.getvalue(), XLSX)
