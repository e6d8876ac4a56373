"""Whatever is sent, the answer is a problem document that says what was wrong and shows nothing of the inside."""

from __future__ import annotations

import gzip
import io
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway import db
from tests.conftest import Api, Cast

JSON = {"Content-Type": "application/json"}
INSIDE = ("Traceback", "psycopg", "sqlalchemy", "marshmallow", "SELECT", "INSERT", "UPDATE", ".py", "<html", "werkzeug")
PERSON = '{"kind": "person", "given_name": %s}'
MEBIBYTE = 1024 * 1024


def refused(answer: TestResponse, status: int) -> dict[str, Any]:
    """The problem document of a refusal with this status; it shows nothing of the inside."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.get_json()
    assert (problem["status"], problem["request_id"]) == (status, answer.headers["X-Request-Id"])
    assert problem["type"] == f"urn:kopru:problem:{problem['code']}"
    assert [word for word in INSIDE if word in answer.text] == []
    return problem


def send(api: Api, body: bytes, **headers: str) -> TestResponse:
    return api.open("POST", "/customers", data=body, headers={**JSON, **headers})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"kind=person",
        b'{"kind": "person",}',
        b"{'kind': 'person'}",
        b'{"kind": "person"} {}',
        b'{"kind": "person", "kind": "organisation"}',
        b'{"kind": "person", "attributes": {"a": 1, "a": 2}}',
        b'{"kind": "person", "attributes": {"a": NaN}}',
        b'{"kind": "person", "attributes": {"a": Infinity}}',
        b'{"kind": "person", "attributes": {"a": -Infinity}}',
        b'{"kind": "person", "attributes": {"a": 1e999}}',
        b'{"kind": "person", "attributes": {"a": %s}}' % (b"9" * 1_000_000),
        b'{"kind": "person", "attributes": {"a": 0.%s}}' % (b"1" * 1_000),
        b'{"kind": "person", "given_name": "\xff\xfe"}',
        b'{"kind": "person", "given_name": "\xc0\xaf"}',
        b'{"kind": "person", "given_name": "\xed\xa0\x80"}',
        '{"kind": "person"}'.encode("utf-16"),
        b'\xef\xbb\xbf{"kind": "person"}',
        b'{"kind": "person", "given_name": "a\nb"}',
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"kind": "person", "attributes": %s}' % (b'{"a":' * 32 + b"1" + b"}" * 32),
        b"[" * 500_000,
    ],
    ids=lambda body: repr(body[:48]),
)
def test_what_is_not_json_is_a_400(standing_cast: Cast, body: bytes) -> None:
    assert refused(send(standing_cast.ankara, body), 400)["detail"]


def test_json_of_the_greatest_depth_is_taken(standing_cast: Cast) -> None:
    nested: Any = "en dip"
    for _ in range(30):
        nested = [nested]
    body = {"kind": "person", "given_name": "Derin", "attributes": {"a": nested}}
    assert standing_cast.ankara.post("/customers", body).status_code in (201, 422)


@pytest.mark.parametrize("body", [b"[]", b'"Cem"', b"1", b"null", b"true", b'[{"kind": "person"}]'])
def test_body_that_is_no_object_is_a_422(standing_cast: Cast, body: bytes) -> None:
    assert refused(send(standing_cast.ankara, body), 422)["errors"][0]["pointer"] == ""


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ('"a\\u0000b"', "/given_name"),
        ('"\\ud800"', "/given_name"),
        ('"\\udc00\\ud800"', "/given_name"),
        ("7", "/given_name"),
        ("[]", "/given_name"),
        ('{"a": 1}', "/given_name"),
        ('"Cem", "soyad": "Işık"', "/soyad"),
        ('"Cem", "id": "1"', "/id"),
        ('"Cem", "version": 7', "/version"),
        ('"Cem", "created_at": "2026-01-01T00:00:00Z"', "/created_at"),
        ('"Cem", "owner": "ben"', "/owner"),
        ('"Cem", "a/b~c": 1', "/a~1b~0c"),
        ('"Cem", "attributes": {"renk": "\\u0000"}', "/attributes/renk"),
        ('"Cem", "attributes": []', "/attributes"),
        ('"Cem", "contact_points": {"kind": "email"}', "/contact_points"),
        ('"Cem", "contact_points": [7]', "/contact_points/0"),
        ('"Cem", "contact_points": [{"kind": "email", "value": 7}]', "/contact_points/0/value"),
        ('"Cem", "contact_points": [{"kind": "address", "address": {"city": 7}}]', "/contact_points/0/address/city"),
        ('"Cem", "contact_points": [{"kind": "email", "primary": "yes"}]', "/contact_points/0/primary"),
        ('"Cem", "contact_points": [{"kind": "phone", "valid_from": "9999-99-99"}]', "/contact_points/0/valid_from"),
        ('"Cem", "identifiers": [{"system": "erp"}]', "/identifiers/0/value"),
        ('"Cem", "locale": "türkçe"', "/locale"),
    ],
)
def test_wrong_content_is_a_422_that_names_the_field(standing_cast: Cast, value: str, pointer: str) -> None:
    problem = refused(send(standing_cast.ankara, (PERSON % value).encode()), 422)
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert all(error["code"] and error["message"] for error in problem["errors"])


@pytest.mark.parametrize(
    "day",
    [
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "10000-01-01",
        "2026-02-30",
        "2026-W01-1",
        "20260101",
        "١٩٨٠-٠١-٠١",
        "1799-12-31",
        "",
        19800101,
        -1,
        1e300,
        True,
    ],
)
def test_absurd_birth_date_is_refused_and_named(standing_cast: Cast, day: Any) -> None:
    body = {"kind": "person", "given_name": "Cem", "birth_date": day}
    assert refused(standing_cast.eskisehir.post("/customers", body), 422)["errors"][0]["pointer"] == "/birth_date"


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2026-01-01T00:00:00",
        "2026-01-01",
        "2026-01-01T25:00:00Z",
        "2026-01-01T00:00:00+99:00",
        "dün",
        0,
        1e300,
    ],
)
def test_absurd_moment_is_refused_and_named(standing_cast: Cast, moment: Any) -> None:
    body = {"channel": "phone", "kind": "inquiry", "direction": "in", "customer_id": str(standing_cast.cem_id)}
    problem = refused(standing_cast.eskisehir.post("/interactions", {**body, "occurred_at": moment}), 422)
    assert problem["errors"][0]["pointer"] == "/occurred_at"


def test_body_over_one_mebibyte_is_a_413(standing_cast: Cast) -> None:
    refused(send(standing_cast.ankara, b'{"kind": "%s"}' % (b"x" * 2 * MEBIBYTE)), 413)


def test_body_that_hides_its_length_is_a_413(standing_cast: Cast) -> None:
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    stream = io.BytesIO(b" " * 2 * MEBIBYTE)
    path, headers = "/extranet/v1/customers", {"Authorization": f"Bearer {standing_cast.ankara.token}", **JSON}
    answer = standing_cast.ankara.client.post(path, input_stream=stream, headers=headers, environ_overrides=chunked)
    refused(answer, 413)


def test_huge_body_is_refused_by_its_length_alone(standing_cast: Cast) -> None:
    """Nothing of it is read."""
    path, headers = "/extranet/v1/customers", {"Authorization": f"Bearer {standing_cast.ankara.token}", **JSON}
    claimed = {"CONTENT_LENGTH": str(100 * MEBIBYTE)}
    refused(standing_cast.ankara.client.post(path, headers=headers, environ_overrides=claimed), 413)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-gzip"])
def test_packed_body_is_never_unpacked(standing_cast: Cast, encoding: str) -> None:
    bomb = gzip.compress(b" " * 50 * MEBIBYTE)
    refused(send(standing_cast.ankara, bomb, **{"Content-Encoding": encoding}), 415)


@pytest.mark.parametrize(
    "media",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "text/json",
        "application/jsonp",
        "",
    ],
)
def test_other_media_type_is_a_415(standing_cast: Cast, media: str) -> None:
    refused(send(standing_cast.ankara, b'{"kind": "person", "given_name": "Cem"}', **{"Content-Type": media}), 415)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=1&limit=2", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=1000000000", "limit"),
        ("limit=1e2", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=%D9%A5", None),
        ("sort=", "sort"),
        ("sort=created_at,created_at", "sort"),
        ("sort=sort_key", "sort"),
        ("sort=created_at;drop", "sort"),
        ("fields=id,owner", "fields"),
        ("fields=id,tax_id", "fields"),
        ("include=", "include"),
        ("include=partners", "include"),
        ("updated_since=2026-01-01", "updated_since"),
        ("updated_since=0001-01-01T00:00:00%2B23:59", "updated_since"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%C4%B0", "cursor"),
        ("cursor=" + "A" * 1999, "cursor"),
        ("status=", "status"),
        ("q=", "q"),
        ("q=" + "a" * 201, "q"),
        ("offset=50", "offset"),
        ("$where=1", "$where"),
        ("customer_id[]=1", "customer_id[]"),
    ],
)
def test_wrong_query_is_a_400_that_names_the_parameter(standing_cast: Cast, query: str, parameter: str | None) -> None:
    answer = standing_cast.ankara.get(f"/customers?{query}")
    if parameter is None:
        assert answer.status_code in (200, 400)
    else:
        assert parameter in [error["parameter"] for error in refused(answer, 400)["errors"]]


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=a%C0%AF", "q=%ED%A0%80", "%00=1"])
def test_unreadable_query_is_a_400(standing_cast: Cast, query: str) -> None:
    refused(standing_cast.ankara.get(f"/customers?{query}"), 400)


@pytest.mark.parametrize(
    "text", ["'; DROP TABLE customers; --", "%", "_", "\\", "%s", "{}", ":partner", "\x01", "𝕮𝖊𝖒", "e\u0301", "🚗"]
)
def test_text_that_means_something_to_somebody_else_is_only_text(standing_cast: Cast, text: str) -> None:
    made = standing_cast.ankara.post("/customers", {"kind": "person", "given_name": f"A{text}"})
    assert made.status_code == 201
    assert made.get_json()["given_name"] == f"A{text}"
    assert standing_cast.ankara.get("/customers", query_string={"q": text, "city": text}).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/customers/1",
        "/customers/%00",
        "/customers/%ff",
        "/customers/..%2f..%2fetc",
        "/customers/1/2/3",
        "/müşteri",
        "/",
        "",
        "/customers/00000000-0000-0000-0000-00000000000g",
    ],
)
def test_malformed_id_or_unknown_path_is_a_404(standing_cast: Cast, path: str) -> None:
    refused(standing_cast.ankara.get(path), 404)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/extranet",
        "/system/v1/customers",
        "/system/openapi.json",
        "/.env",
        "/admin",
        "/oauth/nothing",
        "/static/x",
    ],
)
def test_address_nobody_stands_at_is_a_404(whole_app: Flask, path: str) -> None:
    refused(whole_app.test_client().get(path), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "GETT"])
def test_other_method_is_a_405_that_names_the_allowed(standing_cast: Cast, method: str) -> None:
    answer = standing_cast.ankara.open(method, "/customers")
    refused(answer, 405)
    assert {name.strip() for name in answer.headers["Allow"].split(",")} == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize("key", ["", "x" * 256, "anahtar-ı", "a\tb"])
def test_unusable_idempotency_key_is_a_400(standing_cast: Cast, key: str) -> None:
    answer = send(standing_cast.ankara, b'{"kind": "person", "given_name": "Cem"}', **{"Idempotency-Key": key})
    assert refused(answer, 400)["errors"][0]["parameter"] == "Idempotency-Key"


@pytest.mark.parametrize("version", ["1", "*", '"x"', '"1', 'W/"1', '"' + "9" * 40 + '"', '"1", "2"', '"-1"', ""])
def test_unusable_if_match_is_a_412(standing_cast: Cast, version: str) -> None:
    path = f"/customers/{standing_cast.cem_id}"
    refused(standing_cast.eskisehir.open("PATCH", path, json={}, headers={"If-Match": version}), 412)


@pytest.mark.parametrize("request_id", ["a" * 65, "a b", "ı", "<script>", "a\tb"])
def test_unusable_request_id_is_replaced(standing_cast: Cast, request_id: str) -> None:
    answer = standing_cast.ankara.get("/customers", headers={"X-Request-Id": request_id})
    assert answer.status_code == 200
    assert answer.headers["X-Request-Id"] != request_id


def test_usable_request_id_comes_back(standing_cast: Cast) -> None:
    answer = standing_cast.ankara.get(f"/customers/{uuid4()}", headers={"X-Request-Id": "istek-42"})
    assert (refused(answer, 404)["request_id"], answer.headers["X-Request-Id"]) == ("istek-42", "istek-42")


@pytest.mark.parametrize("failure", [ValueError("SELECT secret FROM vault"), RuntimeError("x.py"), KeyError("psycopg")])
def test_failure_of_our_own_is_a_500_that_tells_nothing(
    standing_cast: Cast, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(db.Transaction, "rows", fail)
    refused(standing_cast.ankara.get("/customers"), 500)


@pytest.mark.parametrize("point", [{}, {"value": "isil@example.com"}, {"kind": "email", "primary": None}])
def test_patch_leaves_out_fields_and_no_part_of_one(standing_cast: Cast, point: dict[str, Any]) -> None:
    path = f"/customers/{standing_cast.cem_id}"
    patched = standing_cast.ayse.patch(path, {"contact_points": [point]}, version=1)
    [error] = refused(patched, 422)["errors"]
    assert error["pointer"].startswith("/contact_points/0/")
