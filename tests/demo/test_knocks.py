"""A dealer tells the hub of its own changes, signed."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from random import Random
from threading import Thread

import pytest

from connectors.base import NotAuthentic, Request
from connectors.wire import inbound
from demo import knocks
from demo.knocks import Knocker
from demo.life import work_once
from demo.store import Store
from demo.world import DEALERS

CALL = {"external_id": "ANK-I000001", "subject": "Kış lastiği"}


def settings(*secrets: str) -> dict[str, object]:
    loaded: dict[str, object] = inbound.Inbound().load({"kind": "standard_webhooks", "secrets": list(secrets)})
    return loaded


class Door(BaseHTTPRequestHandler):
    """Takes everything in and answers 202."""

    taken: list[Request]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append(Request({name.lower(): value for name, value in self.headers.items()}, body, {}))
        self.send_response(202)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Nothing is worth a line."""


@pytest.fixture
def door(tmp_path: Path) -> Iterator[list[Request]]:
    """What arrives where the dealer of Ankara was told to knock."""
    taken: list[Request] = []
    with HTTPServer(("127.0.0.1", 0), type("OneDoor", (Door,), {"taken": taken})) as server:
        knocks.write_door(tmp_path, "ankara", f"http://127.0.0.1:{server.server_port}/hooks/1")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield taken
        server.shutdown()
        thread.join()


def test_knock_proves_who_sent_it_and_carries_the_record(tmp_path: Path, door: list[Request]) -> None:
    secret = knocks.secret_in(tmp_path, "ankara")
    assert Knocker(tmp_path, "ankara").tell("interactions", CALL)
    (request,) = door
    assert inbound.verify(request, settings(secret)) == request.headers["webhook-id"]
    assert json.loads(request.body)["interactions"] == [CALL]
    with pytest.raises(NotAuthentic):
        inbound.verify(request, settings(knocks.secret_in(tmp_path, "izmir")))


def test_closed_door_costs_nothing(tmp_path: Path) -> None:
    knocker = Knocker(tmp_path, "ankara")
    assert not knocker.tell("interactions", CALL)
    knocks.secret_in(tmp_path, "ankara")
    knocks.write_door(tmp_path, "ankara", "http://127.0.0.1:9/hooks/1")
    assert not knocker.tell("interactions", CALL)


def test_secret_is_kept_for_its_owner_alone(tmp_path: Path) -> None:
    assert knocks.secret_in(tmp_path, "ankara") == knocks.secret_in(tmp_path, "ankara")
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_working_day_says_what_it_changed(small_store: Store) -> None:
    told = [work_once(small_store, Random(number)) for number in range(20)]
    assert {each[0] for each in told if each} == {"customers", "interactions"}
    assert all(small_store.get(*place) for place in [(each[0], each[1]["external_id"]) for each in told if each])


def test_quiet_dealer_never_knocks() -> None:
    assert not any(each.quiet and each.knocks for each in DEALERS)
