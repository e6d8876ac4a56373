"""What the demo's commands say where something is in the way."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def world(kopru: Run, tmp_path: Path) -> Run:
    """A demo with a client of each kind, described and not running."""
    own: dict[str, list[str]] = {"redirect_uris": [], "scopes": []}
    clients = [
        {"client_id": "eski", "client_secret": "ks_gizli", **own},
        {"client_id": "imzali", "jwk_file": "demo/imzali.jwk.json", **own},
        {"client_id": "uygulama", **own, "redirect_uris": ["http://127.0.0.1:1/callback"]},
    ]
    (tmp_path / "demo.json").write_text(json.dumps({"issuer": "http://127.0.0.1:9", "clients": clients}))
    return kopru


def test_secret_is_printed_alone(world: Run) -> None:
    assert world("demo", "secret", "eski").out == "ks_gizli\n"


@pytest.mark.parametrize(("client_id", "way"), [("imzali", "imzali.jwk.json"), ("uygulama", "demo sign-in uygulama")])
def test_client_without_a_secret_says_how_it_comes_in(world: Run, client_id: str, way: str) -> None:
    refused = world("demo", "secret", client_id)
    assert (refused.code, way in refused.err) == (1, True)


def test_port_that_is_taken_is_named(world: Run, tmp_path: Path) -> None:
    described = json.loads((tmp_path / "demo.json").read_text())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        described["clients"][2]["redirect_uris"] = [f"http://127.0.0.1:{taken.getsockname()[1]}/callback"]
        (tmp_path / "demo.json").write_text(json.dumps(described))
        refused = world("demo", "sign-in", "uygulama")
    assert (refused.code, "cannot be used" in refused.err) == (1, True)


def test_demo_that_was_never_made_says_what_makes_it(kopru: Run) -> None:
    assert "kopru up --demo writes it" in kopru("demo", "show").err
