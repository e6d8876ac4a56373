"""Tryton reads by POST: what only reads is told from what writes, so that a cancel need not wait for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from werkzeug.wrappers import Request, Response

from connectors.base import Change, NotNow
from connectors.contract.serving import serve
from connectors.http import Http, OpenGate
from connectors.tryton import Tryton
from connectors.wire.tryton_rpc import Rpc

RESULTS = {"common.db.login": [1, "jeton"]}


class Closed(OpenGate):
    """Lets nothing be written any more."""

    def send(self) -> None:
        raise NotNow("Artık yazılmaz.")


def answer(request: Request) -> Response:
    """What Tryton says to a call: a session, or no records."""
    return Response(json.dumps({"id": 1, "result": RESULTS.get(request.get_json()["method"], [])}))


@pytest.fixture
def tryton() -> Iterator[Callable[[], Tryton]]:
    with serve(Request.application(answer)) as url:
        settings = {"base_url": url, "database": "bayi", "username": "kopru", "password": "gizli"}
        yield lambda: Tryton(Tryton.Settings().load(settings), Http(gate=Closed()))


def test_sign_in_searches_and_records_are_reads(tryton: Callable[[], Tryton]) -> None:
    connector = tryton()
    connector.check()
    assert (connector.fetch("customers", "7"), connector.find("customers", "K-1")) == (None, None)


@pytest.mark.parametrize("method", ["create", "write", "delete"])
def test_what_changes_something_is_a_write(tryton: Callable[[], Tryton], method: str) -> None:
    connector = tryton()
    rpc = Rpc(connector.settings, connector.http)
    with pytest.raises(NotNow):
        rpc.call(f"model.party.party.{method}", [{"name": "Işık"}])


def test_a_create_that_came_too_late_is_no_answer(tryton: Callable[[], Tryton]) -> None:
    change = Change("create", "K-1", record={"kind": "person", "family_name": "Işık"})
    [pushed] = tryton().push("customers", [change])
    assert isinstance(pushed.error, NotNow)
