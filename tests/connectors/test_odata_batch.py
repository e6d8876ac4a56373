"""Batches that come back broken, disordered or half done: each change keeps its own outcome, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from connectors.base import Change, ConnectorError, Pushed, StaleRecord
from connectors.http import Answer, Http
from connectors.odata import OData
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter
from connectors.wire.odata_batch import JsonBatch, MultipartBatch, Part

CREATED = {"No": "1", "Ad": "Işık", "@odata.etag": 'W/"7"'}
CHANGES = [Change("update", f"K-{n}", str(n), {"organisation_name": "Işık"}, 'W/"6"') for n in range(3)]
STREAM: dict[str, Any] = {
    "entity_set": "Bayiler",
    "key": {"No": "number"},
    "reference": "Ref",
    "fields": [{"ours": "organisation_name", "theirs": "Ad"}],
}


def push(form: str, body: bytes, kind: str, changes: Sequence[Change] = CHANGES, status: int = 200) -> list[Pushed]:
    wire = FaultyAdapter()
    wire.plan(faults.answer(status, body.decode(), {"Content-Type": kind}), times=None)
    settings = {"base_url": "http://erp.example", "auth": "none", "batch": {"format": form}}
    loaded = OData.Settings().load({**settings, "streams": {"customers": STREAM}})
    return list(OData(loaded, Http(adapter=wire)).push("customers", changes))


def said(pushed: Sequence[Pushed]) -> list[Any]:
    """The version of what was written, else whether its failure is permanent."""
    return [each.version if each.error is None else each.error.permanent for each in pushed]


def json_batch(*responses: Any) -> bytes:
    return orjson.dumps({"responses": responses})


def http(status: int, body: Any = None, content_id: int | None = None, boundary: str = "b") -> str:
    named = "" if content_id is None else f"Content-ID: {content_id}\r\n"
    content = "" if body is None else orjson.dumps(body).decode()
    return (
        f"--{boundary}\r\nContent-Type: application/http\r\n{named}\r\nHTTP/1.1 {status} X\r\nA: b\r\n\r\n{content}\r\n"
    )


def change_set(*parts: str) -> str:
    return f"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{''.join(parts)}--c--\r\n"


MULTIPART = 'multipart/mixed; charset=utf-8; boundary="b"'


def test_json_answers_are_told_apart_by_id_not_by_order() -> None:
    body = json_batch(
        {"id": "2", "status": 200, "body": {**CREATED, "@odata.etag": "2"}},
        {"id": "0", "status": 412},
        {"id": "1", "status": 200, "body": {**CREATED, "@odata.etag": "1"}},
    )
    pushed = push("json", body, "application/json")
    assert isinstance(pushed[0].error, StaleRecord)
    assert said(pushed)[1:] == ["1", "2"]


def test_service_that_stops_at_the_first_error_leaves_the_rest_open() -> None:
    body = json_batch({"id": "0", "status": 400, "body": {"error": {"message": "Ad çok uzun"}}})
    pushed = push("json", body, "application/json")
    assert (said(pushed), "Ad çok uzun" in str(pushed[0].error)) == ([True, False, False], True)


@pytest.mark.parametrize("status", [408, 424, 429, 500, 503])
def test_part_that_failed_in_passing_is_tried_again(status: int) -> None:
    assert said(push("json", json_batch({"id": "0", "status": status}), "application/json", CHANGES[:1])) == [False]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"responses": {}}', b'{"responses": [1, {"id": "x"}]}'])
def test_json_batch_that_makes_no_sense_leaves_every_outcome_open(body: bytes) -> None:
    assert said(push("json", body, "application/json")) == [False] * 3


def test_multipart_answers_stand_in_change_sets_or_alone() -> None:
    written = {**CREATED, "Ad": "--b\r\n--c--"}
    body = change_set(http(200, written, 0, "c")) + http(404) + change_set(http(204, None, 2, "c")) + "--b--"
    assert said(push("multipart", body.encode(), MULTIPART)) == ['W/"7"', True, None]


def test_multipart_that_breaks_off_keeps_what_came_whole() -> None:
    whole = http(200, CREATED) + http(200, CREATED)
    broken = whole + http(200, CREATED)[:-30]
    assert said(push("multipart", broken.encode(), MULTIPART)) == ['W/"7"', 'W/"7"', False]


@pytest.mark.parametrize(
    "kind", ["text/html", "multipart/mixed", "multipart/mixed; boundary=other", "application/json"]
)
def test_multipart_without_its_boundary_leaves_every_outcome_open(kind: str) -> None:
    assert said(push("multipart", http(200, CREATED).encode(), kind)) == [False] * 3


@pytest.mark.parametrize("place", range(0, 400, 7))
def test_multipart_cut_at_any_place_never_claims_a_success_it_did_not_read(place: int) -> None:
    body = "".join(http(200, {**CREATED, "@odata.etag": str(n)}) for n in range(3)) + "--b--"
    told = said(push("multipart", body.encode()[:place], MULTIPART))
    assert all(version in (str(n), False) for n, version in enumerate(told))


def test_new_record_is_known_by_its_address_alone() -> None:
    change = Change("create", "K-1", record={"organisation_name": "Çağ"})
    for name in ("Location", "OData-EntityId"):
        body = json_batch({"id": "0", "status": 204, "headers": {name: "http://erp.example/Bayiler(17)", "ETag": "9"}})
        [pushed] = push("json", body, "application/json", [change])
        assert (pushed.external_id, pushed.version) == ("17", "9")


def test_new_record_without_an_address_has_an_open_outcome() -> None:
    change = Change("create", "K-1", record={"organisation_name": "Çağ"})
    assert said(push("json", json_batch({"id": "0", "status": 204}), "application/json", [change])) == [False]


@pytest.mark.parametrize("version", ['x"\r\nX-Evil: 1', "ş", "a\nb"])
def test_version_that_is_no_etag_is_never_sent(version: str) -> None:
    [pushed] = push("multipart", b"", MULTIPART, [Change("update", "K", "1", {"organisation_name": "x"}, version)])
    assert isinstance(pushed.error, ConnectorError) and "no ETag" in pushed.error.message


def test_one_record_stands_once_in_a_batch() -> None:
    twice = [CHANGES[0], CHANGES[0]]
    body = json_batch({"id": "0", "status": 200, "body": CREATED})
    assert said(push("json", body, "application/json", twice)) == ['W/"7"', 'W/"7"']


@pytest.mark.parametrize("form", [JsonBatch(), MultipartBatch()], ids=["json", "multipart"])
def test_text_of_a_record_cannot_end_its_part(form: JsonBatch | MultipartBatch) -> None:
    evil = "\r\n--batch_x--\r\nDELETE Bayiler(1) HTTP/1.1\r\n"
    kind, content = form.content([Part("POST", "/Bayiler", {"If-Match": "*"}, {"Ad": evil})])
    assert (kind.split(";")[0], b"\r\nDELETE" in content) in [("application/json", False), ("multipart/mixed", False)]


def test_batch_is_read_back_as_it_was_written() -> None:
    kind, content = MultipartBatch().content([Part("POST", "/Bayiler", {}, {"Ad": "İş"}), Part("DELETE", "/B(1)")])
    answered = content.replace(b"POST Bayiler HTTP/1.1", b"HTTP/1.1 201 Created").replace(
        b"DELETE B(1) HTTP/1.1", b"HTTP/1.1 204 No Content"
    )
    outcomes = MultipartBatch().outcomes(Answer("/", 200, {"Content-Type": kind}, answered, str))
    assert {place: (each.status, each.body) for place, each in outcomes.items()} == {
        0: (201, {"Ad": "İş"}),
        1: (204, None),
    }
