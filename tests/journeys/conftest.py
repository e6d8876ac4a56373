"""The installation as it runs: the web server itself in a process of its own, on the run's database and Redis."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gateway.channels import Caller, Channel
from gateway.db import transaction
from gateway.oauth import keys
from gateway.web import web_command
from tests.conftest import add_machine
from tests.emptying import empty_tables
from tests.ports import free_port

START_SECONDS = 60.0


@pytest.fixture(scope="module")
def web(whole_app: object, environment: dict[str, str]) -> Iterator[str]:
    """The base URL of a running web server on empty tables."""
    empty_tables(environment["DATABASE_URL"])
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    settings = {**os.environ, **environment, "KOPRU_BASE_URL": base_url}
    root = Path(__file__).parent.parent.parent
    process = subprocess.Popen(web_command("127.0.0.1", port, workers=1), cwd=root, env=settings)
    try:
        wait_for(f"{base_url}/readyz", process)
        yield base_url
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def portal(web: str) -> dict[str, str]:
    """What a program of the house sends with its calls: a token with every scope of the intranet."""
    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
        client_id, secret = add_machine(tx, "portal", Channel.INTRANET, None)
    form = {"grant_type": "client_credentials"}
    token = requests.post(f"{web}/oauth/token", data=form, auth=(client_id, secret), timeout=20).json()
    return {"Authorization": f"Bearer {token['access_token']}"}


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the web server ended at once"
        try:
            if requests.get(url, timeout=5).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise AssertionError(f"the web server did not start within {START_SECONDS:.0f} s")
