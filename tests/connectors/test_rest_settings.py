"""What the settings of `rest` describe: authentication, mapping, order, tombstones, references, and their mistakes."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import responses
from marshmallow import ValidationError
from responses import matchers

from connectors.base import Change, ConnectorError, ExpiredCursor, NotAuthentic, Page, Request, StaleRecord
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
@pytest.mark.parametrize("kind", ["url", "link"])
def test_next_link_that_is_no_address_is_a_passing_failure(kind: str) -> None:
    responses.get(LIST, json={"items": [item(1)], "next": "http://["}, headers={"Link": '<http://[>; rel="next"'})
    with pytest.raises(ConnectorError, match="no address") as caught:
        pages(rest(pagination={"kind": kind}))
    assert not caught.value.permanent


@responses.activate
def test_a_time_of_never_is_asked_in_four_digits_and_not_before_the_beginning() -> None:
    responses.get(LIST, json={"items": [item(1, "0001-01-01T00:00:00Z")]})
    pages(rest(), pages(rest())[-1].cursor)
    assert "updated_since=0001-01-01T00:00:00" in unquote(str(responses.calls[1].request.url))


@responses.activate
@pytest.mark.parametrize(
    ("mark", "asked"),
    [
        ("2025-10-26T00:50:00Z", "26.10.2025 01:50:00"),  # 02:50 in Berlin for the first time: 02:00 comes again
        ("2025-10-26T01:50:00Z", "26.10.2025 02:50:00"),
        ("2025-10-25T23:50:00Z", "26.10.2025 01:50:00"),
        ("2025-03-30T00:50:00Z", "30.03.2025 01:50:00"),
    ],
)
def test_an_hour_that_the_partners_clock_shows_twice_is_asked_from_its_beginning(mark: str, asked: str) -> None:
    responses.get(LIST, json={"items": []})
    form = {"as": "turkish_time", "zone": "Europe/Berlin", "overlap_seconds": 0}
    cursor = json.dumps({"mark": mark})
    pages(rest(incremental=form), cursor)
    assert asked in unquote(str(responses.calls[0].request.url)).replace("+", " ")


@responses.activate
def test_absurd_future_date_does_not_hide_later_changes() -> None:
    responses.get(LIST, json={"items": [item(1, "2999-01-01T00:00:00Z")]})
    pages(rest(), pages(rest())[-1].cursor)
    (asked,) = parse_qs(urlsplit(str(responses.calls[1].request.url)).query)["updated_since"]
    assert dt.timedelta() <= dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(asked) < dt.timedelta(days=1)


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
@pytest.mark.parametrize("kind", ["cursor", "page"])
def test_reference_is_found_however_far_back_an_api_that_ignores_it_lists_it(kind: str) -> None:
    responses.get(LIST, json={"items": [item(1, reference="K-1")], "next": "abc"})
    responses.get(LIST, json={"items": [item(2, reference="K-2")], "next": None})
    assert rest(pagination={"kind": kind}).find("customers", "K-2") == "C-2"


@responses.activate
def test_api_without_end_that_ignores_the_reference_is_no_proof_that_there_is_none() -> None:
    for number in range(100):
        responses.get(LIST, json={"items": [item(number)], "next": str(number)})
    with pytest.raises(ConnectorError, match="ignores the question") as caught:
        rest().find("customers", "K-2")
    assert caught.value.permanent


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


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"fields": [{"ours": "external_id", "theirs": "no"}, {"ours": "adı", "theirs": "b"}]}, "fields.1.ours"),
        ({"fields": [{"ours": "contact_points[phone].valu", "theirs": "b"}]}, "fields.0.ours"),
        ({"fields": [{"ours": "contact_points[phone.value", "theirs": "b"}]}, "fields.0.ours"),
        ({"fields": [{"ours": "birth_date.year", "theirs": "b"}]}, "fields.0.ours"),
        ({"fields": [{"ours": "contact_points[]", "theirs": "b"}]}, "fields.0.ours"),
        ({"fields": [{"ours": "kind", "theirs": "b", "as": "map"}]}, "fields.0.pairs"),
        ({"fields": [{"ours": "kind", "theirs": "b", "as": "map", "pairs": {"a": 1, "b": 1}}]}, "fields.0.pairs"),
        ({"fields": [{"ours": "kind", "theirs": "b", "zone": "Europe/Istanbul"}]}, "fields.0.zone"),
        ({"fields": [{"ours": "updated_at", "theirs": "b", "as": "local_time", "zone": "Mars"}]}, "fields.0.zone"),
        ({"fields": [{"ours": "kind", "theirs": "b", "as": "constant", "value": 1}]}, "fields.0.ours"),
        ({"fields": [{"ours": "kind", "theirs": "b", "as": "name"}]}, "fields.0.ours"),
        ({"fields": [{"ours": "kind"}]}, "fields.0.theirs"),
        ({"fields": [{"ours": "attributes", "theirs": "a"}, {"ours": "attributes.b", "theirs": "b"}]}, "fields.1.ours"),
        (
            {
                "fields": [
                    {"ours": "contact_points[phone].value", "theirs": "a"},
                    {"ours": "contact_points[phone#1].value", "theirs": "b"},
                ]
            },
            "fields.1.ours",
        ),
        ({"fields": [{"ours": "kind", "theirs": "b"}]}, "fields"),
        ({"fields": [{"ours": "external_id", "theirs": "no"}]}, "fields"),
        ({"tombstones": {"kind": "list"}}, "tombstones.path"),
        ({"incremental": {"as": "local_time"}}, "incremental.zone"),
        ({"update": "PUT", "fetch": None}, "update"),
    ],
)
def test_impossible_stream_is_refused_at_its_place(wrong: dict[str, Any], pointer: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Rest.Settings().load({**OPEN, "streams": {"customers": {"path": "/c", **wrong}}})
    place: Any = caught.value.messages_dict["streams"]["customers"]
    for step in pointer.split("."):
        place = place[int(step) if step.isdigit() else step]
    assert isinstance(place, list)


@pytest.mark.parametrize("header", ["Authorization", "host", "Cookie"])
def test_fixed_headers_hold_nothing_secret_and_frame_nothing(header: str) -> None:
    assert list(Rest.Settings().validate({**OPEN, "headers": {header: "x"}})) == ["headers"]


@responses.activate
def test_stream_may_differ_from_the_rest_of_the_api() -> None:
    responses.get(f"{URL}/c", json=[item(1)])
    streams = {"customers": {"path": "/c", "items": "", "pagination": {"kind": "none"}, "incremental": None}}
    connector = rest(streams=streams)
    assert (len(pages(connector)), connector.streams, "ranges" in connector.can) == (1, ("customers",), False)


@responses.activate
def test_list_that_leads_in_a_circle_is_an_error() -> None:
    for number, (here, following) in enumerate((("", "a"), ("a", "b"), ("b", "c"), ("c", "a"))):
        match = [matchers.query_param_matcher({"cursor": here} if here else {}, strict_match=False)]
        responses.get(LIST, json={"items": [item(number)], "next": following}, match=match)
    with pytest.raises(ConnectorError, match="leads back"):
        pages(rest())
    assert len(responses.calls) < 12


SEPARATE = {"kind": "list", "path": "/customers/deleted", "items": "ids"}


@responses.activate
def test_deletions_of_their_own_list_wait_for_the_records_of_their_round() -> None:
    responses.get(LIST, json={"items": [item(1)]}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": [4, "C-1"]})
    connector = rest(tombstones=SEPARATE)
    first = pages(connector)
    second = pages(connector, first[-1].cursor)
    assert ([page.deleted for page in first], [page.deleted for page in second]) == ([[]], [[], ["4"]])
    assert [record["external_id"] for record in second[1].records] == ["C-1"]


@responses.activate
def test_round_resumes_within_the_list_of_deletions() -> None:
    responses.get(LIST, json={"items": []}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": ["C-1"], "next": "2"})
    responses.get(f"{LIST}/deleted", json={"ids": ["C-2"]})
    connector = rest(tombstones=SEPARATE)
    half = next(iter(connector.pull("customers", pages(connector)[-1].cursor)))
    left = pages(connector, half.cursor)
    assert ([half.deleted, *(page.deleted for page in left)]) == [[], [], ["C-1", "C-2"]]


@responses.activate
def test_whoever_came_back_while_a_long_round_went_on_is_listed_behind_its_deletion() -> None:
    responses.get(
        LIST, json={"items": [item(1, "2026-01-01T13:00:00Z")]}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"}
    )
    responses.get(f"{LIST}/deleted", json={"ids": ["C-1"]})
    connector = rest(tombstones=SEPARATE, incremental={"overlap_seconds": 0})
    pages(connector, pages(connector)[-1].cursor)
    asked = [unquote(str(call.request.url)).partition("updated_since=")[2][:19] for call in responses.calls]
    assert asked == ["", "2026-01-01T12:00:00", "2026-01-01T12:00:00"]


@responses.activate
def test_page_behind_the_end_of_the_deletions_leads_on_to_the_records() -> None:
    responses.get(LIST, json={"items": []}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": ["C-1"]})
    responses.get(f"{LIST}/deleted", status=404)
    connector = rest(tombstones=SEPARATE, pagination={"kind": "page", "parameter": "page"})
    found = pages(connector, pages(connector)[-1].cursor)
    assert [list(page.deleted) for page in found] == [[], [], ["C-1"]]


@responses.activate
def test_round_that_stops_among_its_records_tells_its_deletions_when_it_goes_on() -> None:
    responses.get(LIST, json={"items": []}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": ["C-1", "C-2"]})
    responses.get(LIST, json={"items": [item(1)], "next": "2"})
    responses.get(LIST, json={"items": []})
    connector = rest(tombstones=SEPARATE)
    second = connector.pull("customers", pages(connector)[-1].cursor)
    half = [next(second), next(second)]
    left = pages(connector, half[-1].cursor)
    assert [list(page.deleted) for page in (*half, *left)] == [[], [], ["C-2"]]


@responses.activate
def test_round_whose_place_is_forgotten_has_told_its_deletions() -> None:
    responses.get(LIST, json={"items": []}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": ["C-1"]})
    responses.get(LIST, json={"items": [], "next": "2"})
    responses.get(LIST, status=410)
    connector = rest(tombstones=SEPARATE, incremental={"ordered": False})
    told: list[str] = []
    with pytest.raises(ExpiredCursor):
        for page in connector.pull("customers", pages(connector)[-1].cursor):
            told += page.deleted
    assert told == ["C-1"]


@responses.activate
def test_more_deletions_than_can_wait_are_told_at_once() -> None:
    responses.get(LIST, json={"items": []}, headers={"Date": "Thu, 01 Jan 2026 12:00:00 GMT"})
    responses.get(f"{LIST}/deleted", json={"ids": list(range(203))})
    connector = rest(tombstones=SEPARATE)
    told = [list(page.deleted) for page in pages(connector, pages(connector)[-1].cursor)]
    assert told == [["200", "201", "202"], [str(number) for number in range(200)]]


@responses.activate
@pytest.mark.parametrize(
    ("form", "asked"), [("date", "2026-01-03"), ("iso_seconds", "2026-01-02T12:00:01Z"), ("same", "12:00:00.5")]
)
def test_coarse_bound_of_a_range_is_asked_beyond_and_cut_off_here(form: str, asked: str) -> None:
    times = ("2026-01-01T23:00:00Z", "2026-01-02T12:00:00.4Z", "2026-01-02T12:00:00.6Z")
    responses.get(LIST, json={"items": [item(number, at) for number, at in enumerate(times)]})
    connector = rest(incremental={"as": form, "until_parameter": "until", "ordered": False})
    since, until = (dt.datetime(2026, 1, 2, hour, 0, 0, 500_000, dt.UTC) for hour in (0, 12))
    [page] = connector.pull_range("customers", since, until, None)
    assert [record["external_id"] for record in page.records] == ["C-1"]
    assert asked in unquote(str(responses.calls[0].request.url))


@responses.activate
def test_finished_range_asks_nothing_more() -> None:
    responses.get(LIST, json={"items": [item(1)]})
    connector, day = rest(), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    [page] = connector.pull_range("customers", day, day + dt.timedelta(days=1), None)
    [again] = connector.pull_range("customers", day, day + dt.timedelta(days=1), page.cursor)
    assert (len(page.records), again.records, len(responses.calls)) == (1, (), 1)


@responses.activate
def test_record_written_whole_keeps_what_we_know_nothing_of() -> None:
    responses.get(f"{LIST}/C-1", json={"adı": "Ali", "gizli_kod": 7, "adres": {"il": "Van", "kat": 3}})
    responses.put(f"{LIST}/C-1", json={"external_id": "C-1"})
    mapped = [{"ours": "external_id", "theirs": "no"}, {"ours": "given_name", "theirs": "adı"}]
    streams = {"customers": {"path": "/customers", "update": "PUT", "fields": [
        *mapped, {"ours": "contact_points[address].address.city", "theirs": "adres.il"}]}}  # fmt: skip
    record = {"given_name": "İpek", "contact_points": [{"kind": "address", "address": {"city": "Iğdır"}}]}
    connector = rest(streams=streams, incremental=None, reference=None)
    list(connector.push("customers", [Change("update", "K-1", "C-1", record)]))
    assert json.loads(str(responses.calls[1].request.body, "utf-8")) == {
        "adı": "İpek", "gizli_kod": 7, "adres": {"il": "Iğdır", "kat": 3}
    }  # fmt: skip


BATCH = {"path": "/customers/batch"}
CHANGES = [Change("create", "K-1", record={"kind": "person"}), Change("update", "K-2", "C-2", {}, "7"),
           Change("delete", "K-3", "C-3")]  # fmt: skip


@responses.activate
def test_batch_carries_what_happens_to_each_record() -> None:
    answers = [{"status": 201, "record": {"external_id": "C-1", "version": 1}}, {"status": 200}, {"status": 404}]
    responses.post(f"{LIST}/batch", json={"items": answers})
    pushed = list(rest(batch=BATCH).push("customers", CHANGES))
    assert json.loads(str(responses.calls[0].request.body, "utf-8"))["items"] == [
        {"kind": "person", "reference": "K-1", "op": "create"},
        {"reference": "K-2", "op": "update", "external_id": "C-2", "version": "7"},
        {"op": "delete", "external_id": "C-3"},
    ]
    assert [(each.external_id, each.version, each.error) for each in pushed] == [
        ("C-1", "1", None), ("C-2", None, None), ("C-3", None, None)
    ]  # fmt: skip


@responses.activate
@pytest.mark.parametrize(
    ("answer", "permanent"),
    [({"status": 503}, False), ({"json": {"items": []}}, False), ({"json": {"items": [{}] * 3}}, False),
     ({"json": {"items": [None] * 3}}, False), ({"status": 403}, True),
     ({"json": {"items": [{"status": 422, "error": "VKN hatalı"}] * 3}}, True)],
)  # fmt: skip
def test_batch_that_fails_says_so_of_each_change(answer: dict[str, Any], permanent: bool) -> None:
    responses.post(f"{LIST}/batch", **answer)
    pushed = list(rest(batch=BATCH).push("customers", CHANGES))
    assert [each.error and each.error.permanent for each in pushed] == [permanent] * 3


@responses.activate
@pytest.mark.parametrize("status", [413, 422, 501])
def test_batch_that_is_refused_for_one_of_its_changes_goes_one_by_one(status: int) -> None:
    responses.post(f"{LIST}/batch", status=status)
    responses.post(LIST, status=422, json={"error": "VKN hatalı"})
    responses.patch(f"{LIST}/C-2", json=item(2, version="8"))
    responses.delete(f"{LIST}/C-3", status=204)
    pushed = list(rest(batch=BATCH).push("customers", CHANGES))
    assert [(each.external_id, each.version, bool(each.error)) for each in pushed] == [
        (None, None, True), ("C-2", "8", False), ("C-3", None, False)
    ]  # fmt: skip


@responses.activate
def test_change_that_cannot_be_written_leaves_its_batch_alone() -> None:
    responses.post(f"{LIST}/batch", json={"items": [{"status": 200}]})
    fields = [{"ours": "external_id", "theirs": "no"}, {"ours": "birth_date", "theirs": "d", "as": "turkish_date"}]
    connector = rest(batch=BATCH, incremental=None, streams={"customers": {"path": "/customers", "fields": fields}})
    bad, good = (Change("update", key, key, {"birth_date": day}) for key, day in (("1", "dün"), ("2", "2000-02-29")))
    errors = [each.error for each in connector.push("customers", [bad, good])]
    assert ("birth_date" in str(errors[0]), errors[1]) == (True, None)


@responses.activate
def test_stale_change_of_a_batch_is_one() -> None:
    responses.post(f"{LIST}/batch", json={"items": [{"status": 412}]})
    [pushed] = rest(batch=BATCH).push("customers", CHANGES[1:2])
    assert isinstance(pushed.error, StaleRecord)


WRAPPED = {"customers": {"path": "/customers", "written": "veri.cari", "fetch": {"record": "veri.cari"}}}


@responses.activate
@pytest.mark.parametrize(
    ("body", "version"), [({"veri": {"cari": {"external_id": "C-1", "version": 7}}}, "7"), ({"tamam": True}, None)]
)
def test_answer_to_a_write_carries_the_record_where_the_settings_say(body: Any, version: str | None) -> None:
    responses.patch(f"{LIST}/C-1", json=body)
    [pushed] = rest(streams=WRAPPED).push("customers", [Change("update", "K-1", "C-1", {})])
    assert (pushed.external_id, pushed.version, pushed.error) == ("C-1", version, None)


@responses.activate
def test_new_record_is_known_by_the_id_at_that_place() -> None:
    responses.post(LIST, json={"veri": {"cari": {"external_id": "C-9"}}}, status=201)
    [pushed] = rest(streams=WRAPPED).push("customers", CHANGES[:1])
    assert (pushed.external_id, pushed.error) == ("C-9", None)


TOKEN = {"kind": "token", "secrets": ["çok-gizli-bir-belirteç"], "header": "X-Token"}
DELIVERED = {"customers": {"path": "/customers", "delivered": "veri"}}


@pytest.mark.parametrize(
    ("streams", "records", "deleted"),
    [
        (DELIVERED, {"customers": [{"external_id": "C-1"}]}, {"customers": ["C-2"]}),
        ({"customers": {"path": "/c"}}, {}, {}),
    ],
)
def test_delivery_carries_records_where_the_settings_say_so(streams: Any, records: Any, deleted: Any) -> None:
    body = {"veri": [{"external_id": "C-1"}, {"external_id": "C-2", "deleted_at": "2026-01-01"}]}
    request = Request({"x-token": TOKEN["secrets"][0]}, json.dumps(body).encode())
    connector = rest(streams=streams, inbound=TOKEN)
    received = connector.receive(request)
    assert (received.records, received.deleted, "receive" in connector.can) == (records, deleted, True)


def test_delivery_of_somebody_else_is_refused() -> None:
    with pytest.raises(NotAuthentic):
        rest(inbound=TOKEN).receive(Request({"x-token": "başka-bir-belirteç"}, b"{}"))


@responses.activate
def test_limits_of_the_description_hold() -> None:
    responses.get(LIST, json={"items": [item(number) for number in range(100)]})
    with pytest.raises(ConnectorError, match="more than 1024 bytes"):
        pages(rest(limits={"max_bytes": 1024}))


@responses.activate
def test_fixed_headers_go_with_every_request() -> None:
    responses.get(LIST, json={"items": []}, match=[matchers.header_matcher({"X-Firma": "34"})])
    assert pages(rest(headers={"X-Firma": "34"}))[0].records == []
