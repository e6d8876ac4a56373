"""Finding connectors, and surviving broken ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import connectors
from connectors.base import ConnectorError
from connectors.rest import Rest


class Point:
    def __init__(self, name: str, load: Callable[[], Any]) -> None:
        self.name = name
        self.load = load


class Mine(Rest):
    name = "mine"
    title = "Mine"


def broken() -> Any:
    raise ImportError("no module named 'paramiko'")


def leaving() -> Any:
    raise SystemExit(3)


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        Point("broken", broken),
        Point("leaving", leaving),
        Point("liar", lambda: Mine),
        Point("mine", lambda: Mine),
        Point("none", lambda: object),
        Point("rest", lambda: Mine),
    ]
    monkeypatch.setattr(connectors, "entry_points", lambda group: points if group == "kopru.connectors" else [])


def test_files_of_the_folder_are_connectors() -> None:
    found = {each.name: each.error for each in connectors.available()}
    assert {"rest": None, "tryton": None}.items() <= found.items()


@pytest.mark.usefixtures("plugins")
def test_broken_plugin_says_why_and_stops_nothing() -> None:
    errors = {each.name: each.error for each in connectors.available()}
    assert (errors["mine"], errors["rest"]) == (None, None)
    assert errors["broken"] == "ImportError: no module named 'paramiko'"
    assert errors["leaving"] == "SystemExit: 3"
    assert errors["liar"] == "TypeError: its name must be 'liar'."
    assert errors["none"] == "TypeError: it is no subclass of connectors.base.Connector."


@pytest.mark.usefixtures("plugins")
def test_plugin_cannot_take_the_name_of_our_own() -> None:
    assert connectors.get("rest") is Rest


@pytest.mark.usefixtures("plugins")
def test_plugin_is_got_by_name() -> None:
    assert connectors.get("mine") is Mine


@pytest.mark.usefixtures("plugins")
@pytest.mark.parametrize(("name", "reason"), [("broken", "paramiko"), ("sap", "there are: broken, .*rest, tryton")])
def test_unusable_name_says_what_to_do(name: str, reason: str) -> None:
    with pytest.raises(ConnectorError, match=reason) as caught:
        connectors.get(name)
    assert caught.value.permanent
