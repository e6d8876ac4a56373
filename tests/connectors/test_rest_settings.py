"""What the settings of `rest` describe: authentication, mapping, order, tombstones, references, and their mistakes."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest
import responses
from marshmallow import ValidationError
from responses import matchers

from connectors.base import Change, ConnectorError, ExpiredCursor, Page
from connectors.http import Http
from connectors.rest import Rest

URL = "https://bayi.example/api"
LIST = f"{URL}/customers"
OPEN = {"base_url": URL, "auth": "none"}


def rest(**settings: Any) -> Rest:
    return Rest(Rest.Settings().load({**OPEN, **settings}), Http())


def pages(connector: Rest, cursor: str | None = None) -> list[Page]:
    return list(connector.pull("customers", cursor))


def item(number: int, at: str = "2026-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {"external_id": f"C-{number}", "updated_at": at, **more}


@responses.activate
@pytest.mark.parametrize(
    ("settings", "header", "value"),
    [
        ({"auth": "api_key", "api_key": "gizli"}, "X-Api-Key", "gizli"),
        ({"auth": "api_key", "api_key": "gizli", "api_key_header": "X-Anahtar"}, "X-Anahtar", "gizli"),
        ({"auth": "bearer", "token": "gizli"}, "Authorization", "Bearer gizli"),
        (
            {"auth": "basic", "username": "köprü", "password": "gizli"},
            "Authorization",
            "Basic " + base64.b64encode("köprü:gizli".encode()).decode(),
        ),
    ],
)
def test_partner_gets_the_credentials_it_wants(settings: dict[str, Any], header: str, value: str) -> None:
    responses.get(LIST, json={"items": []}, match=[matchers.header_matcher({header: value})])
    assert pages(rest(**settings))[0].records == []


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"auth": "api_key"}, "api_key"),
        ({"auth": "basic", "username": "x"}, "password"),
        ({"base_url": "ftp://bayi.example"}, "base_url"),
        ({"pagination": {"kind": "psychic"}}, "pagination"),
        ({"streams": {"customers": {"path": "customers"}}}, "streams"),
        ({"streams": {"cats": {"path": "/cats"}}}, "streams"),
        ({"streams": {"customers": {"path": "/c", "fields": [{"ours": "a", "theirs": "b", "as": "eval"}]}}}, "streams"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_mistaken_description_is_refused_where_it_is_mistaken(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Rest.Settings().load({**OPEN, **settings})
    assert list(caught.value.messages_dict) == [where]


MAPPED = {
    "customers": {
        "path": "/customers",
        "items": "sonuç.kayıtlar",
        "fields": [
            {"ours": "external_id", "theirs": "no"},
            {"ours": "updated_at", "theirs": "değişti", "as": "epoch_seconds"},
            {"ours": "organisation_name", "theirs": "firma.ünvan"},
        ],
    }
}
THEIRS = {"no": 7, "değişti": 1_800_000_000, "firma": {"ünvan": "Işık A.Ş."}, "dış_no": "K-1"}


@responses.activate
def test_foreign_shape_is_translated_on_the_way_in() -> None:
    responses.get(LIST, json={"sonuç": {"kayıtlar": [THEIRS]}})
    [page] = pages(rest(streams=MAPPED, reference={"field": "dış_no"}))
    assert page.records == [
        {
            "external_id": "7",
            "updated_at": "2027-01-15T08:00:00.000000Z",
            "organisation_name": "Işık A.Ş.",
            "reference": "K-1",
        }
    ]


@responses.activate
def test_our_shape_is_translated_on_the_way_out() -> None:
    expected = {"firma": {"ünvan": "Işık A.Ş."}, "dış_no": "K-1"}
    responses.post(LIST, status=201, json=THEIRS, match=[matchers.json_params_matcher(expected)])
    change = Change("create", "K-1", record={"organisation_name": "Işık A.Ş."})
    [pushed] = rest(streams=MAPPED, reference={"field": "dış_no"}).push("customers", [change])
    assert (pushed.external_id, pushed.error) == ("7", None)


@responses.activate
def test_next_round_asks_for_an_overlap_before_the_newest_time() -> None:
    responses.get(LIST, json={"items": [item(1)]})
    cursor = pages(rest())[-1].cursor
    pages(rest(), cursor)
    assert "updated_since=2025-12-31T23%3A59%3A00.000000Z" in str(responses.calls[1].request.url)


@responses.activate
def test_absurd_future_date_does_not_hide_later_changes() -> None:
    responses.get(LIST, json={"items": [item(1, "2999-01-01T00:00:00Z")]})
    pages(rest(), pages(rest())[-1].cursor)
    assert f"updated_since={dt.datetime.now(dt.UTC).year}" in str(responses.calls[1].request.url)


@responses.activate
def test_list_without_order_is_marked_by_the_partners_clock_when_the_round_began() -> None:
    date = {"Date": "Thu, 01 Jan 2026 12:00:00 GMT"}
    responses.get(LIST, json={"items": [item(1, "2026-01-01T12:00:05Z")]}, headers=date)
    cursor = pages(rest(incremental={"ordered": False}))[-1].cursor
    assert "2026-01-01T12:00:00" in cursor


@responses.activate
def test_api_without_a_change_filter_is_read_whole_every_time() -> None:
    responses.get(LIST, json={"items": [item(1)]})
    connector = rest(incremental=None)
    pages(connector, pages(connector)[-1].cursor)
    assert "updated_since" not in str(responses.calls[1].request.url)


@responses.activate
def test_poisoned_items_travel_on_to_quarantine() -> None:
    poison = [5, None, {"updated_at": "x"}, {"external_id": ["C"]}, item(1)]
    responses.get(LIST, json={"items": poison})
    assert len(pages(rest())[0].records) == 5


@responses.activate
def test_last_word_on_a_record_is_the_one_that_counts() -> None:
    gone = item(1, deleted_at="2026-01-01T00:00:00Z")
    responses.get(LIST, json={"items": [item(1), gone, item(2), gone | {"external_id": "C-2"}, item(2)]})
    [page] = pages(rest())
    assert (page.deleted, [record["external_id"] for record in page.records]) == (["C-1"], ["C-2"])


@responses.activate
def test_list_that_does_not_move_on_is_an_error() -> None:
    responses.get(LIST, json={"items": [item(1)], "next": "same"})
    with pytest.raises(ConnectorError, match="does not move on"):
        pages(rest())


@responses.activate
def test_api_that_ignores_the_page_number_is_an_error() -> None:
    responses.get(LIST, json={"items": [item(1)]})
    with pytest.raises(ConnectorError, match="repeats its page"):
        pages(rest(pagination={"kind": "page", "parameter": "page"}, incremental=None))


@responses.activate
def test_page_behind_the_end_may_be_a_404() -> None:
    responses.get(
        LIST, json={"items": [item(1)]}, match=[matchers.query_param_matcher({"page": "1"}, strict_match=False)]
    )
    responses.get(LIST, status=404)
    found = pages(rest(pagination={"kind": "page", "parameter": "page"}, incremental=None))
    assert [len(page.records) for page in found] == [1, 0]


@responses.activate
def test_forgotten_place_is_taken_up_again_at_the_last_time() -> None:
    responses.get(LIST, json={"items": [item(1)], "next": "abc"})
    responses.get(LIST, status=410)
    responses.get(LIST, json={"items": [item(2)]})
    ids = [record["external_id"] for page in pages(rest()) for record in page.records]
    assert (ids, "updated_since=2026-01-01" in str(responses.calls[2].request.url)) == (["C-1", "C-2"], True)


@responses.activate
def test_forgotten_place_in_a_list_without_order_means_beginning_again() -> None:
    responses.get(LIST, json={"items": [item(1)], "next": "abc"})
    responses.get(LIST, status=410)
    with pytest.raises(ExpiredCursor):
        pages(rest(incremental=None))


@responses.activate
def test_api_that_ignores_the_reference_names_no_match() -> None:
    responses.get(LIST, json={"items": [item(1, reference="K-1"), item(2)]})
    assert rest().find("customers", "K-2") is None


@responses.activate
def test_reference_the_partner_already_has_is_updated_not_doubled() -> None:
    responses.post(LIST, status=409)
    responses.get(LIST, json={"items": [item(1, reference="K-1")]})
    responses.patch(f"{LIST}/C-1", json=item(1, version="3"))
    [pushed] = rest().push("customers", [Change("create", "K-1", record={"kind": "person"})])
    assert (pushed.external_id, pushed.version, pushed.error) == ("C-1", "3", None)


@responses.activate
@pytest.mark.parametrize(
    ("external_id", "address"), [("../admin", "..%2Fadmin"), ("a/b", "a%2Fb"), ("ş?x=1#y", "%C5%9F%3Fx%3D1%23y")]
)
def test_external_id_cannot_point_elsewhere(external_id: str, address: str) -> None:
    responses.delete(f"{LIST}/{address}", status=204)
    [pushed] = rest().push("customers", [Change("delete", "K-1", external_id)])
    assert (pushed.error, responses.calls[0].request.url) == (None, f"{LIST}/{address}")


def test_external_id_of_dots_is_refused() -> None:
    [pushed] = rest().push("customers", [Change("delete", "K-1", "..")])
    assert pushed.error is not None and pushed.error.permanent


@responses.activate
def test_refused_credentials_stop_the_whole_push() -> None:
    responses.post(LIST, status=401)
    with pytest.raises(ConnectorError):
        list(rest().push("customers", [Change("create", key, record={}) for key in ("K-1", "K-2")]))
    assert len(responses.calls) == 1
