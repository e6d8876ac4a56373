"""A partner that has a record already: what keeps our reference is ours, and nothing else is taken for it."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from connectors.base import Change, Connector, ConnectorError, Pushed
from connectors.http import Http
from connectors.odata import OData
from connectors.rest import Rest
from connectors.wire import kopru_reading
from connectors.wire.kopru_records import Customers

URL = "https://dms.bayi.example/api"
LIST = f"{URL}/customers"
CREATE = Change("create", "K-1", record={"kind": "person", "given_name": "Işıl"})
ODATA: dict[str, Any] = {"entity_set": "customers", "key": {"ID": "string"}, "reference": "reference"}
ODATA |= {"fields": [{"ours": "given_name", "theirs": "given_name"}]}


def rest(**settings: Any) -> Connector:
    return Rest(Rest.Settings().load({"base_url": URL, "auth": "none", **settings}), Http())


def odata() -> Connector:
    return OData(OData.Settings().load({"base_url": URL, "auth": "none", "streams": {"customers": ODATA}}), Http())


def refused(connector: Connector) -> ConnectorError:
    [pushed] = connector.push("customers", [CREATE])
    assert pushed.error is not None and pushed.error.permanent
    return pushed.error


@pytest.fixture(params=["rest", "odata"])
def connector(request: pytest.FixtureRequest) -> Connector:
    return rest() if request.param == "rest" else odata()


def listed(*items: dict[str, Any]) -> None:
    """The partner's list, in the words of both protocols."""
    responses.get(LIST, json={"items": items, "value": items, "next": None})


@responses.activate
def test_record_under_our_reference_is_adopted_after_a_409(connector: Connector) -> None:
    responses.post(LIST, status=409)
    listed({"external_id": "C-1", "ID": "C-1", "reference": "K-1"})
    for address in ("/C-1", "(%27C-1%27)"):
        responses.patch(f"{LIST}{address}", json={"external_id": "C-1", "ID": "C-1"})
    assert list(connector.push("customers", [CREATE])) == [Pushed("K-1", "C-1")]


@responses.activate
def test_409_for_another_record_adopts_nothing_and_tells_what_the_partner_said(connector: Connector) -> None:
    responses.post(LIST, status=409, body="Bu TCKN başka bir müşteride kayıtlı")
    listed({"external_id": "C-9", "ID": "C-9", "reference": "K-9"}, {"external_id": "C-8", "ID": "C-8"})
    assert "Bu TCKN başka bir müşteride" in refused(connector).message
    assert [call.request.method for call in responses.calls] == ["POST", "GET"]


@responses.activate
def test_409_of_a_partner_that_keeps_no_reference_tells_what_it_said() -> None:
    responses.post(LIST, status=409, body="Aynı müşteri var")
    assert "Aynı müşteri var" in refused(rest(reference=None)).message


@responses.activate
def test_409_that_cannot_be_looked_into_leaves_the_create_open(connector: Connector) -> None:
    responses.post(LIST, status=409)
    responses.get(LIST, status=503)
    [pushed] = connector.push("customers", [CREATE])
    assert pushed.error is not None and not pushed.error.permanent and pushed.external_id is None


@responses.activate
def test_create_of_a_batch_that_meets_another_record_is_refused_alone() -> None:
    responses.post(f"{LIST}/batch", json={"items": [{"status": 409, "error": "dolu"}]})
    responses.post(LIST, status=409, body="Başkasının")
    listed({"external_id": "C-9", "reference": "K-9"})
    assert "Başkasının" in refused(rest(batch={"path": "/customers/batch"})).message


@responses.activate
def test_record_under_our_reference_without_a_readable_id_is_no_proof_that_there_is_none(connector: Connector) -> None:
    listed({"external_id": None, "reference": "K-1"})
    with pytest.raises(ConnectorError, match="K-1 already"):
        connector.find("customers", "K-1")


@responses.activate
def test_gateway_that_answers_with_another_customer_is_not_believed() -> None:
    item = {"id": "0198f7a2-0000-7000-8000-000000000001", "identifiers": [{"system": "kopru-merkez", "value": "K-9"}]}
    responses.get(f"{URL}/extranet/v1/customers", json={"items": [item], "next": None})
    with pytest.raises(ConnectorError, match="another customer"):
        kopru_reading.find_customer(Http().site(URL), Customers("kopru-merkez"), "K-1")
