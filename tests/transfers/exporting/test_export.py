"""Exporting: what a file shows, to whom, and for how long."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
import pytest
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.transfers import retention
from gateway.transfers.exporting import work
from gateway.transfers.importing.reading.formats import XLSX
from tests.conftest import Api, Cast, add_machine, fetch_token
from tests.transfers.files import BY_NUMBER, PEOPLE, bring, finish, start

FIELDS = ["display_name", "birth_date", "contact_points", "attributes"]


def export(api: Api, form: str = "jsonl", **wanted: Any) -> str:
    """Have a file written; where it is fetched."""
    answer = api.post("/exports", {"format": form, **wanted})
    assert answer.status_code == 202, answer.text
    done = finish(api, answer.get_json()["id"])
    assert done["status"] == "succeeded", done
    return f"/exports/{done['result']['export_id']}"


def fetch(api: Api, path: str) -> TestResponse:
    """The file."""
    answer = api.get(f"{path}/file")
    assert answer.status_code == 200, answer.text
    return answer


def records(api: Api, **wanted: Any) -> list[dict[str, Any]]:
    """What the lines of a file say."""
    return [orjson.loads(line) for line in fetch(api, export(api, **wanted)).data.splitlines()]


@pytest.fixture
def people(cast: Cast) -> Cast:
    """Ankara with two customers."""
    start(cast.ankara, bring(cast.ankara, PEOPLE)["id"], **BY_NUMBER)
    return cast


def test_file_holds_what_the_list_shows(people: Cast) -> None:
    assert records(people.ankara) == people.ankara.get("/customers").get_json()["items"]
    assert len(records(people.ayse)) == 3


def test_filters_and_order_are_those_of_the_list(people: Cast) -> None:
    found = records(people.ankara, filters={"city": "mugla"}, fields=["display_name"])
    assert found == [{"display_name": "Şule Öztürk"}]
    ordered = records(people.ankara, sort="-display_name", fields=["given_name"])
    assert [each["given_name"] for each in ordered] == ["Şule", "Işıl"]
    assert records(people.ayse, filters={"partner": "eskisehir"}, fields=["given_name"]) == [{"given_name": "Cem"}]
    assert records(people.ankara, filters={"updated_since": "2199-01-01T00:00:00Z"}) == []


def test_partners_file_has_no_field_beyond_its_agreement(people: Cast) -> None:
    assert {"owner", "internal_note", "tax_id", "birth_date"}.isdisjoint(records(people.ankara)[0])
    assert records(people.eskisehir, fields=["birth_date"]) == [{"birth_date": "1980-05-17"}]
    refused = people.ankara.post("/exports", {"format": "csv", "fields": ["birth_date"]})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/fields")
    refused = people.ankara.post("/exports", {"format": "csv", "filters": {"partner": "eskisehir"}})
    assert refused.get_json()["errors"][0] == {
        "pointer": "/filters/partner", "code": "unknown_field", "message": "Unknown field.",
    }  # fmt: skip


def test_table_names_its_columns_as_an_import_does(people: Cast) -> None:
    rows = list(csv.DictReader(io.StringIO(fetch(people.eskisehir, export(people.eskisehir, "csv")).text)))
    assert rows[0]["email"] == "cem@example.com"
    assert (rows[0]["address.city"], rows[0]["birth_date"]) == ("Eskişehir", "1980-05-17")
    assert orjson.loads(rows[0]["attributes"]) == {"body_type": "sedan"}


def test_no_cell_is_a_formula(people: Cast) -> None:
    evil = {"kind": "person", "given_name": '=HYPERLINK("http://evil.example")', "family_name": "@SUM(A1)"}
    people.ankara.post("/customers", evil)
    rows = list(csv.DictReader(io.StringIO(fetch(people.ankara, export(people.ankara, "csv")).text)))
    assert rows[-1]["given_name"] == '\'=HYPERLINK("http://evil.example")'
    assert rows[-1]["family_name"] == "'@SUM(A1)"
    assert rows[0]["phone"] == "'+905321112233"


def test_table_for_excel_opens_in_turkish(people: Cast) -> None:
    answer = fetch(people.ankara, export(people.ankara, "csv", fields=["given_name", "family_name"], for_excel=True))
    assert answer.data.decode("utf-8-sig").splitlines() == ["given_name;family_name", "Işıl;Çağlar", "Şule;Öztürk"]
    assert answer.data.startswith(b"\xef\xbb\xbf")


def test_workbook_in_many_parts_is_one_whole(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ROWS_AT_ONCE", 1)
    people.ankara.post("/customers", {"kind": "person", "given_name": "=1+1 <b>&\x01", "family_name": "  İğ"})
    answer = fetch(people.ankara, export(people.ankara, "xlsx", fields=["given_name", "family_name", "version"]))
    assert (answer.headers["Content-Type"], int(answer.headers["Content-Length"])) == (XLSX, len(answer.data))
    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))
    assert rows == [
        ("given_name", "family_name", "version"),
        ("Işıl", "Çağlar", 1),
        ("Şule", "Öztürk", 1),
        ("=1+1 <b>&", "İğ", 1),
    ]


@pytest.mark.parametrize(("form", "media_type"), [("csv", "text/csv"), ("xlsx", XLSX), ("jsonl", "application/jsonl")])
def test_what_went_out_comes_in_again_and_changes_nothing(people: Cast, form: str, media_type: str) -> None:
    path = export(people.ankara, form)
    received = bring(people.ankara, fetch(people.ankara, path).data, media_type)
    done = start(people.ankara, received["id"], match_on="identifier.bayi")
    assert done["result"] == {"unchanged": 2, "failed": 0}


def test_file_is_its_callers_alone(people: Cast) -> None:
    path = export(people.ankara)
    with transaction(Caller.system("test")) as tx:
        colleague = add_machine(tx, "ankara 2", Channel.EXTRANET, people.ankara.partner_id)
    other = Api(people.ankara.client, Channel.EXTRANET, fetch_token(people.ankara.client, *colleague))
    for stranger in (people.eskisehir, other, people.ayse):
        assert [stranger.get(f"{path}{rest}").status_code for rest in ("", "/file")] == [404, 404]
        assert stranger.delete(path).status_code == 404
        assert stranger.get("/exports").get_json()["items"] == []


def test_file_is_closed_once_its_owner_may_no_longer_see_what_is_in_it(people: Cast) -> None:
    path = export(people.eskisehir)
    partner = people.ayse.get("/partners/eskisehir").get_json()
    people.ayse.patch("/partners/eskisehir", {"granted_fields": []}, version=partner["version"])
    assert people.eskisehir.get(f"{path}/file").status_code == 404


def test_file_expires(people: Cast, settings: Any) -> None:
    path = export(people.ankara)
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE transfers SET created_at = now() - interval '4 days'")
        assert retention.forget(tx, settings) == 2
    assert people.ankara.get(f"{path}/file").status_code == 404


def test_trail_tells_who_took_what_out(people: Cast) -> None:
    fetch(people.ankara, export(people.ankara, filters={"city": "muğla"}, fields=["display_name"]))
    trail = people.ayse.get("/audit/entries?limit=200").get_json()["items"]
    told = {each["action"]: each["detail"] for each in trail if each["resource"] == "export"}
    assert told == {
        "export.requested": {"fields": ["display_name"], "filters": ["city"]},
        "export.downloaded": {"rows": 1},
    }


def test_export_under_way_shows_no_file_and_is_cancelled(people: Cast) -> None:
    begun = people.ankara.post("/exports", {"format": "csv"}).get_json()
    path = f"/exports/{begun['options']['export_id']}"
    shown = people.ankara.get(path).get_json()
    assert (shown["status"], shown["file"]) == ("queued", None)
    assert people.ankara.get(f"{path}/file").status_code == 404
    assert people.ankara.delete(path).get_json()["code"] == "export_under_way"
    people.ankara.post(f"/operations/{begun['id']}/cancel")
    assert people.ankara.delete(path).status_code == 204
