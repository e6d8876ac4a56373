"""What stands in dropped files: letters, delimiters, quotes, broken rows, and what the columns mean."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ConnectorError, Record
from tests.connectors.drop.partner import deliver, drop, pages, records

HEAD = "external_id,kind,given_name,family_name\n"
NAME = "Işıl Gülçiçek ŞĞİÖÜ"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def read(folder: Path, content: str | bytes, name: str = "customers_1.csv", **form: Any) -> list[Record]:
    """What one file brings."""
    deliver(folder / name, content if isinstance(content, bytes) else content.encode())
    return records(drop(folder, customers=form))


def names(found: list[Record]) -> list[Any]:
    """Their given names, or why they cannot be read."""
    return [record.get("given_name", record.get("unreadable")) for record in found]


ENCODED = {
    "utf-8": "utf-8",
    "utf-8 with a mark": "utf-8-sig",
    "windows-1254": "cp1254",
    "iso-8859-9": "iso-8859-9",
    "utf-16 with a mark": "utf-16",
}


@pytest.mark.parametrize("codec", ENCODED.values(), ids=ENCODED)
def test_turkish_letters_are_found_out(folder: Path, codec: str) -> None:
    assert names(read(folder, (HEAD + f"C-1,person,{NAME},Çınar\r\n").encode(codec))) == [NAME]


@pytest.mark.parametrize(("encoding", "codec"), [("windows-1254", "cp1254"), ("iso-8859-9", "iso-8859-9")])
def test_named_encoding_is_believed(folder: Path, encoding: str, codec: str) -> None:
    content = (HEAD + f"C-1,person,{NAME},Ç\n").encode(codec)
    assert names(read(folder, content, encoding=encoding)) == [NAME]


def test_big_endian_utf_16_is_read(folder: Path) -> None:
    content = b"\xfe\xff" + (HEAD + f"C-1,person,{NAME},Ç\n").encode("utf-16-be")
    assert names(read(folder, content)) == [NAME]


def test_byte_that_is_no_letter_rejects_its_row_alone(folder: Path) -> None:
    content = (HEAD + "C-1,person,Işıl,Ç\nC-2,person,I??l,Ç\nC-3,person,Şule,Ç\n").encode().replace(b"??", b"\xfe\xfd")
    assert names(read(folder, content)) == ["Işıl", "Line 3 of customers_1.csv holds bytes that are not utf-8.", "Şule"]


def test_byte_that_windows_1254_lacks_rejects_its_row_alone(folder: Path) -> None:
    content = (HEAD + "C-1,person,Işıl,Ç\nC-2,person,?,Ç\n").encode("cp1254").replace(b"?", b"\x81")
    assert names(read(folder, content)) == ["Işıl", "Line 3 of customers_1.csv holds bytes that are not cp1254."]


def test_control_byte_is_no_letter_of_iso_8859_9(folder: Path) -> None:
    content = (HEAD + "C-1,person,€ uro,Ç\n").encode("cp1254")
    [told] = names(read(folder, content, encoding="iso-8859-9"))
    assert "it may be Windows-1254" in told


def test_mixture_of_encodings_is_refused_rather_than_guessed(folder: Path) -> None:
    content = HEAD.encode() + "C-1,person,Şule,Ö\n".encode() + "C-2,person,Işıl Şükrü,Ğ\n".encode("cp1254")
    with pytest.raises(ConnectorError, match="name its encoding") as caught:
        read(folder, content)
    assert caught.value.permanent


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_out(folder: Path, delimiter: str) -> None:
    content = (HEAD + 'C-1,person,"Işıl ""I"", ; | \t",Ç\n').replace('"Işıl', "\0").split("\0")
    table = content[0].replace(",", delimiter) + '"Işıl' + content[1].replace('",Ç', f'"{delimiter}Ç')
    assert names(read(folder, table)) == ['Işıl "I", ; | \t']


def test_delimiter_that_is_given_is_believed(folder: Path) -> None:
    assert names(read(folder, "external_id;kind,given_name;x\nC-1;Işıl;1\n", delimiter=";")) == [None]


def test_tsv_may_hold_bare_quotation_marks(folder: Path) -> None:
    content = HEAD.replace(",", "\t") + 'C-1\tperson\t"Işıl\tÇ\n'
    assert names(read(folder, content, "customers_1.tsv", format="tsv", quote="")) == ['"Işıl']


def test_columns_without_a_header_row_are_named_by_the_settings(folder: Path) -> None:
    found = read(folder, "C-1;person;Işıl\n", columns=["external_id", "kind", "given_name"])
    assert found == [{"external_id": "C-1", "kind": "person", "given_name": "Işıl"}]


def test_line_breaks_and_quotation_marks_inside_a_cell_are_kept(folder: Path) -> None:
    found = read(folder, HEAD + 'C-1,person,"Işıl\r\n""Deniz""",Ç\r\nC-2,person,Ali,Ç\r\n')
    assert names(found) == ['Işıl\r\n"Deniz"', "Ali"]


@pytest.mark.parametrize(
    "broken", ['C-2,person,"Işıl,Ç', 'C-2,person,"Işıl"x,Ç', "C-2,person", "C-2,person,a,b,c", "C-2,person,a\rb,c"]
)
def test_broken_row_in_the_middle_costs_itself_alone(folder: Path, broken: str) -> None:
    found = names(read(folder, HEAD + f"C-1,person,Ali,Ç\n{broken}\nC-3,person,Şule,Ç\nC-4,person,Can,Ç\n"))
    assert (found[0], found[2:], found[1].startswith("Line 3 of")) == ("Ali", ["Şule", "Can"], True)


def test_line_without_end_costs_itself_alone(folder: Path) -> None:
    found = names(read(folder, HEAD + "x" * 3_000_000 + "\nC-3,person,Şule,Ç\n"))
    assert (len(found), found[1]) == (2, "Şule")


def test_row_number_counts_the_lines_of_the_file(folder: Path) -> None:
    found = names(read(folder, HEAD + '\nC-1,person,"a\nb",Ç\nbroken\n'))
    assert found[1] == "Line 5 of customers_1.csv has 1 cells where the header has 4."


def test_json_lines_have_our_own_shape(folder: Path) -> None:
    whole = {"external_id": "C-1", "kind": "person", "given_name": NAME, "contact_points": [{"kind": "email"}]}
    content = f'{json.dumps(whole)}\n\nnot json\n[1]\n{{"external_id": 7}}'
    found = read(folder, content, "customers_1.jsonl", format="jsonl")
    assert found[0] == whole and found[3] == {"external_id": "7"}
    told = [each["unreadable"] for each in found[1:3]]
    assert told == ["Line 3 of customers_1.jsonl is no JSON.", "Line 4 of customers_1.jsonl is no JSON object."]


def test_absent_column_says_nothing_and_an_empty_cell_that_it_is_empty(folder: Path) -> None:
    found = read(folder, "external_id,kind,given_name,family_name\nC-1,person,,Çınar\n")
    assert found == [{"external_id": "C-1", "kind": "person", "given_name": None, "family_name": "Çınar"}]


def test_flat_columns_become_ways_to_reach_somebody(folder: Path) -> None:
    found = read(folder, "external_id,kind,email,phone,city\nC-1,person,a@example.com,+905321234567,Eskişehir\n")
    assert found[0]["contact_points"] == [
        {"kind": "email", "value": "a@example.com"},
        {"kind": "phone", "value": "+905321234567"},
        {"kind": "address", "address": {"city": "Eskişehir"}},
    ]


def test_rules_of_the_settings_say_what_the_columns_mean(folder: Path) -> None:
    rules = [
        {"ours": "external_id", "theirs": "Müşteri No"},
        {"ours": "", "theirs": "Adı Soyadı", "as": "full_name"},
        {"ours": "birth_date", "theirs": "Doğum", "as": "turkish_date"},
        {"ours": "attributes.bakiye", "theirs": "Bakiye", "as": "decimal_comma"},
        {"ours": "kind", "as": "constant", "value": "person"},
    ]
    content = 'Müşteri No;Adı Soyadı;Doğum;Bakiye\n7;Işıl Çınar;29.02.2000;"1.234,50"\n'
    assert read(folder, content, fields=rules) == [
        {
            "external_id": "7", "given_name": "Işıl", "family_name": "Çınar", "birth_date": "2000-02-29",
            "attributes": {"bakiye": "1234.50"}, "kind": "person",
        }
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["1", "TRUE", "Evet", "silindi"])
def test_tombstone_column_tells_deletions(folder: Path, value: str) -> None:
    deliver(folder / "customers_1.csv", f"external_id,kind,durum\nC-1,person,\nC-2,person,{value}\n".encode())
    tombstone = {"column": "durum", "values": ["1", "true", "evet", "silindi"]}
    [page] = pages(drop(folder, customers={"tombstone": tombstone}))
    assert ([each["external_id"] for each in page.records], page.deleted) == (["C-1"], ["C-2"])


def test_last_word_on_a_page_counts(folder: Path) -> None:
    assert names(read(folder, HEAD + "C-1,person,Eski,Ç\nC-2,person,Ali,Ç\nC-1,person,Yeni,Ç\n")) == ["Ali", "Yeni"]


@pytest.mark.parametrize(
    "header", ["external_id,kind,kind", "external_id,amount,amount.value", '"external_id,kind', "a" * 300 + ",b"]
)
def test_header_that_makes_no_sense_needs_a_person(folder: Path, header: str) -> None:
    with pytest.raises(ConnectorError, match="customers_1") as caught:
        read(folder, f"{header}\nC-1,person,x\n")
    assert caught.value.permanent


@pytest.mark.parametrize("content", ["", HEAD, "\ufeff", "\n\n"])
def test_file_with_no_rows_brings_nothing(folder: Path, content: str) -> None:
    assert read(folder, content) == []
