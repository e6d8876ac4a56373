"""Before anything is written: what the columns mean, what rows become, and what is wrong with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.errors import Unavailable
from gateway.transfers import pieces
from gateway.transfers.importing import arrival
from gateway.transfers.importing.guesses import guess
from gateway.transfers.importing.reading.formats import JSONL, read
from gateway.transfers.importing.reading.rows import Line, Reading
from tests.commits import is_writing
from tests.conftest import Cast
from tests.transfers.files import BY_NUMBER, MAPPING, PEOPLE, bring, customers, start

EVERYTHING = frozenset(
    {
        "kind", "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "status", "locale",
        "contact_points", "identifiers", "attributes", "owner", "internal_note",
    }
)  # fmt: skip
FAULTY = """No;Ad;Soyad;E-posta;TCKN;=cmd|' /C calc'!A0
1;Işıl;Kaya;isil@example.com;17291716060;a
2;Su;Ak;su@;12345678901;=1+1
;Ali;Can;ali@example.com;;b
4;;;bos@example.com;;
"""
FAULTY_TERMS = {
    "mapping": {"No": "identifier.k", "Ad": "given_name", "Soyad": "family_name", "E-posta": "email", "TCKN": "tax_id"},
    "match_on": "identifier.k",
}


@pytest.mark.parametrize(
    ("columns", "targets"),
    [
        (["Ad", "SOYADI", "E-Posta Adresi"], ["given_name", "family_name", "email"]),
        (["Adı Soyadı", "GSM", "Telefon 2", "T.C. Kimlik No"], ["full_name", "phone", "phone", "tax_id"]),
        (
            ["Ticari Ünvan", "Vergi No", "İl", "İlçe"],
            ["organisation_name", "tax_id", "address.city", "address.district"],
        ),
        (["First Name", "Last name", "Mobile", "Zip"], ["given_name", "family_name", "phone", "address.postal_code"]),
        (["identifier.erp", "attribute.Renk", "birth_date"], ["identifier.erp", "attribute.Renk", "birth_date"]),
        (["Ad", "Adı", "Doğum Tarihi", "Puan"], ["given_name", None, "birth_date", None]),
    ],
)
def test_columns_are_guessed_in_turkish_and_english(columns: list[str], targets: list[str | None]) -> None:
    assert list(guess(columns, EVERYTHING).values()) == targets


def test_guess_names_nothing_that_the_partner_may_not_write(cast: Cast) -> None:
    told = [bring(api, PEOPLE)["columns"][-1]["target"] for api in (cast.ankara, cast.eskisehir)]
    assert told == [None, "birth_date"]


def tables() -> list[Any]:
    """The rows of every table that an import writes."""
    names = ("customers", "customer_keys", "shares", "events")
    with transaction(Caller.system("test")) as tx:
        return [tx.raw.execute(f"SELECT * FROM {name} ORDER BY 1, 2".encode()).fetchall() for name in names]


def test_preview_shows_what_rows_become_and_writes_nothing(cast: Cast) -> None:
    start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
    before = tables()
    content = PEOPLE.replace("Çağlar", "Çağlayan") + "B-3;Can;Su;;;;;\nB-4;Ece;Su;yok;;;;\n"
    path = f"/imports/{bring(cast.ankara, content)['id']}/preview"
    shown = cast.ankara.post(path, BY_NUMBER).get_json()
    assert shown["counts"] == {"updated": 1, "unchanged": 1, "created": 1, "failed": 1}
    assert [(each["row"], each["outcome"]) for each in shown["items"]] == [
        (2, "updated"),
        (3, "unchanged"),
        (4, "created"),
        (5, "failed"),
    ]
    assert shown["items"][0]["record"]["display_name"] == "Işıl Çağlayan"
    assert {"owner", "internal_note", "birth_date"}.isdisjoint(shown["items"][0]["record"])
    assert shown["items"][3]["errors"][0]["column"] == "E-posta"
    assert tables() == before


def test_every_error_names_its_row_its_column_and_what_is_wrong(cast: Cast) -> None:
    received = bring(cast.ayse, FAULTY)
    done = start(cast.ayse, received["id"], **FAULTY_TERMS)
    assert (done["failed"], done["result"]) == (3, {"created": 1, "failed": 3})
    answer = cast.ayse.get(f"/imports/{received['id']}/errors")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert {(row[0], row[1], row[2]) for row in rows[1:]} == {
        ("3", "TCKN", "invalid"),
        ("3", "E-posta", "invalid"),
        ("4", "", "no_key"),
        ("5", "", "required"),
    }
    assert rows[1][4:9] == ["2", "Su", "Ak", "su@", "12345678901"]


def test_errors_that_cannot_be_read_to_their_end_are_not_sent_in_part(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: Any) -> Iterator[bytes]:
        yield b"[]"
        raise Unavailable

    path = f"/imports/{bring(cast.ayse, FAULTY)['id']}/errors"
    whole = cast.ayse.get(path)
    monkeypatch.setattr(pieces, "walk", break_off)
    assert (whole.content_length, cast.ayse.get(path).status_code) == (len(whole.data), 503)


def test_no_cell_of_the_errors_is_a_formula(cast: Cast) -> None:
    received = bring(cast.ayse, FAULTY)
    start(cast.ayse, received["id"], **FAULTY_TERMS)
    rows = list(csv.reader(io.StringIO(cast.ayse.get(f"/imports/{received['id']}/errors").data.decode("utf-8-sig"))))
    assert (rows[0][-1], rows[1][-1]) == ("'=cmd|' /C calc'!A0", "'=1+1")


def test_mended_errors_are_brought_again_as_they_are(cast: Cast) -> None:
    received = bring(cast.ayse, FAULTY)
    start(cast.ayse, received["id"], **FAULTY_TERMS)
    errors = cast.ayse.get(f"/imports/{received['id']}/errors").data.decode("utf-8-sig")
    mended = errors.replace("su@", "su@example.com").replace("12345678901", "")
    assert start(cast.ayse, bring(cast.ayse, mended)["id"], **FAULTY_TERMS)["result"]["created"] == 1


def test_lines_of_json_carry_whole_lists(cast: Cast) -> None:
    record = {
        "given_name": "Işıl", "contact_points": [{"kind": "phone", "value": "0532 111 22 33"}],
        "identifiers": [{"system": "dms", "value": "7"}], "attributes": {"renk": "yeşil", "puan": 5}, "version": 3,
    }  # fmt: skip
    received = bring(cast.ankara, orjson.dumps(record) + b'\n{"given_name": 5}\n', JSONL)
    assert {each["name"]: each["target"] for each in received["columns"]}["version"] is None
    done = start(cast.ankara, received["id"], match_on="identifier.dms")
    assert done["result"] == {"created": 1, "failed": 1}
    made = customers(cast.ankara)[0]
    assert (made["attributes"], made["contact_points"][0]["value"]) == ({"renk": "yeşil", "puan": 5}, "+905321112233")


@pytest.mark.parametrize(
    ("terms", "pointer", "code"),
    [
        ({"mapping": MAPPING}, "/match_on", "required"),
        ({"mapping": {"Renk": "given_name"}, "match_on": "email"}, "/mapping/Renk", "unknown_column"),
        ({"mapping": {"Ad": "given_name", "Soyad": "given_name"}, "match_on": "email"}, "/mapping", "repeated"),
        ({"mapping": {}, "match_on": "email"}, "/mapping", "required"),
        ({"match_on": "name"}, "/match_on", "invalid"),
    ],
)
def test_terms_that_cannot_be_are_refused(cast: Cast, terms: Any, pointer: str, code: str) -> None:
    received = bring(cast.ankara, PEOPLE)
    for verb in ("preview", "start"):
        answer = cast.ankara.post(f"/imports/{received['id']}/{verb}", terms)
        assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, pointer)
        assert answer.get_json()["errors"][0]["code"] == code


def test_file_of_another_kind_is_refused(cast: Cast) -> None:
    for media_type, status in (("application/pdf", 415), ("application/json", 415)):
        answer = cast.ankara.post("/imports", data=b"{}", headers={"Content-Type": media_type})
        assert answer.status_code == status


def test_file_that_is_too_large_is_refused(cast: Cast) -> None:
    content = b"Ad\n" + b"x" * (64 * 1024 * 1024)
    answer = cast.ankara.post("/imports", data=content, headers={"Content-Type": "text/csv"})
    assert (answer.status_code, answer.get_json()["detail"]) == (413, "64 MiB at most.")


def test_file_is_read_before_anything_is_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads events waits for every transaction that has begun to write."""
    writing = list[bool]()

    def look_about(*asked: Any) -> Reading:
        reading = read(*asked)
        reading.lines = looked_about(reading.lines)
        return reading

    def looked_about(lines: Iterator[Line]) -> Iterator[Line]:
        for line in lines:
            writing.append(is_writing())
            yield line

    monkeypatch.setattr(arrival, "read", look_about)
    assert (bring(cast.ankara, PEOPLE)["rows"], writing) == (2, [False, False])


def test_same_upload_under_one_key_is_one_import(cast: Cast) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "dosya-1"}
    answers = [cast.ankara.post("/imports", data=PEOPLE.encode(), headers=headers) for _ in range(2)]
    assert answers[0].get_json()["id"] == answers[1].get_json()["id"]
    other = cast.ankara.post("/imports", data=PEOPLE.replace("Işıl", "Su").encode(), headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(("query", "media_type"), [("?encoding=iso-8859-9", "text/csv"), ("", "application/jsonl")])
def test_same_upload_read_in_another_way_is_not_answered_as_the_first(cast: Cast, query: str, media_type: str) -> None:
    key = {"Idempotency-Key": "dosya-2"}
    cast.ankara.post("/imports", data=PEOPLE.encode(), headers=key | {"Content-Type": "text/csv"})
    again = cast.ankara.post(f"/imports{query}", data=PEOPLE.encode(), headers=key | {"Content-Type": media_type})
    assert (again.status_code, again.get_json()["code"]) == (422, "idempotency_key_reused")
