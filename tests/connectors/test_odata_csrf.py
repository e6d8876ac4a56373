"""Writing to a service that wants a token and its session, as SAP Gateway does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Change, Pushed
from connectors.http import Http
from connectors.odata import OData
from tests.connectors.fake_partner import _json as answer_json
from tests.connectors.fake_partner import serve

STREAM = {
    "entity_set": "Bayiler",
    "key": {"No": "number"},
    "reference": "Ref",
    "fields": [{"ours": "organisation_name", "theirs": "Ad"}],
}


class Gateway:
    """Takes a write only with the token and the cookies of the session in force."""

    def __init__(self) -> None:
        self.session = 1
        self.fetched = 0
        self.hands_out = True
        self.forbids = False
        self.written: list[str] = []

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.method == "GET":
            return self._token()
        told = request.headers.get("X-CSRF-Token"), request.cookies.get("SAP_SESSIONID"), request.cookies.get("ctx")
        if told != (f"t{self.session}", f"s{self.session}", "c"):
            return Response("CSRF token validation failed", 403, {"X-CSRF-Token": "Required"})
        if self.forbids:
            return Response("Yetki yok", 403)
        self.written.append(request.get_json()["Ad"])
        return answer_json(201, {"No": len(self.written)})

    def _token(self) -> Response:
        self.fetched += 1
        response = answer_json(200, {"value": []})
        if self.hands_out:
            response.headers["X-CSRF-Token"] = f"t{self.session}"
            response.set_cookie("SAP_SESSIONID", f"s{self.session}", expires=2_000_000_000, httponly=True)
            response.set_cookie("ctx", "c")
        return response


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def connector(gateway: Gateway) -> Iterator[OData]:
    with serve(gateway) as url:
        settings = {"base_url": url, "auth": "none", "csrf": True, "streams": {"customers": STREAM}}
        yield OData(OData.Settings().load(settings), Http())


def push(connector: OData, *names: str) -> list[Pushed]:
    changes = [Change("create", name, record={"organisation_name": name}) for name in names]
    return list(connector.push("customers", changes))


def test_token_and_session_are_fetched_once_for_many_writes(connector: OData, gateway: Gateway) -> None:
    assert [each.error for each in [*push(connector, "Işık", "Çağ"), *push(connector, "Öz")]] == [None] * 3
    assert (gateway.fetched, gateway.written) == (1, ["Işık", "Çağ", "Öz"])


def test_session_that_ended_is_begun_anew_without_writing_twice(connector: OData, gateway: Gateway) -> None:
    push(connector, "Işık")
    gateway.session = 2
    assert [each.error for each in push(connector, "Çağ")] == [None]
    assert (gateway.fetched, gateway.written) == (2, ["Işık", "Çağ"])


def test_write_that_is_forbidden_is_told_as_such(connector: OData, gateway: Gateway) -> None:
    gateway.forbids = True
    [pushed] = push(connector, "Işık")
    assert pushed.error is not None and pushed.error.permanent and "Yetki yok" in pushed.error.message
    assert gateway.fetched == 1


def test_service_without_tokens_is_told_so(connector: OData, gateway: Gateway) -> None:
    gateway.hands_out = False
    [pushed] = push(connector, "Işık")
    assert pushed.error is not None and "set `csrf` to false" in pushed.error.message
