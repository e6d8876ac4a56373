"""Whatever calls an address that somebody typed goes through the guard: nothing else connects to the outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.test_architecture import PARSED

OPENERS = (
    "socket.create_connection", "socket.socket", "ssl.get_server_certificate", "asyncio.open_connection",
    "http.client.HTTPConnection", "http.client.HTTPSConnection", "urllib.request.", "urllib3.PoolManager",
    "urllib3.ProxyManager", "urllib3.request", "urllib3.connection_from_url", "requests.get", "requests.post",
    "requests.put", "requests.patch", "requests.delete", "requests.head", "requests.options", "requests.request",
    "requests.Session", "requests.session", "paramiko.SSHClient", "paramiko.Transport", "ftplib.", "smtplib.",
    "telnetlib.", "httpx.", "aiohttp.", "authlib.integrations.requests_client.", "requests_oauthlib.",
)  # fmt: skip
# Each with the reason why it leads nowhere that somebody typed, or only through the guard.
ALLOWED = {
    ("gateway/guarded.py", "socket.socket"): "the guard itself",
    ("connectors/http.py", "requests.Session"): "the gateway mounts its guarded adapter, as tested below",
    ("connectors/http.py", "socket.create_connection"): "for contracts of connectors; the gateway passes its own",
    ("connectors/wire/drop_sftp.py", "paramiko.Transport"): "over a socket that the guard has dialled",
    ("gateway/doctor/address.py", "urllib.request.urlopen"): "our own web server",
    ("gateway/up.py", "urllib.request.urlopen"): "our own web server",
    ("gateway/web.py", "socket.socket"): "looks whether our own port is free",
    ("gateway/cli/demo_sign_in.py", "urllib.request.urlopen"): "the demo's own sign-in",
    ("gateway/cli/demo_sign_in.py", "urllib.request.Request"): "the demo's own sign-in",
    ("gateway/sync/drafting/nursery.py", "socket.socket"): "a pair of sockets between our own processes",
}


def names_in(tree: ast.Module) -> dict[str, str]:
    """What a module's own names stand for, in full."""
    known: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {(each.asname or each.name.split(".")[0]): (each.asname and each.name) or each.name.split(".")[0]
                      for each in node.names}  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return known


def called_in(tree: ast.Module) -> Iterator[str]:
    """The full name of everything that is called or passed on by name."""
    known = names_in(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            parts = ast.unparse(node.func).split(".")
            if parts[0] in known:
                yield ".".join((known[parts[0]], *parts[1:]))


def opens(call: str) -> bool:
    """Whether a call opens a connection."""
    return any(call == each or (each.endswith(".") and call.startswith(each)) for each in OPENERS)


@pytest.mark.parametrize(
    "code",
    [
        "import requests\nrequests.get(url)", "import requests as r\nr.Session()",
        "from socket import create_connection as c\nc(x)",
        "import urllib.request\nurllib.request.urlopen(url)", "from urllib import request\nrequest.urlopen(url)",
        "from http import client\nclient.HTTPSConnection(host)", "def f():\n    import httpx\n    httpx.get(url)",
    ],
)  # fmt: skip
def test_every_way_of_writing_it_is_seen(code: str) -> None:
    assert any(map(opens, called_in(ast.parse(code))))


def test_nothing_opens_a_connection_past_the_guard() -> None:
    found = {
        (name, call)
        for name, tree in PARSED.items()
        if name.startswith(("gateway/", "connectors/"))
        for call in called_in(tree)
        if opens(call)
    }
    assert found - ALLOWED.keys() == set()
    assert {place for place in ALLOWED.keys() - found if place[0] in PARSED} == set(), "these are no longer needed"


def test_the_gateway_makes_a_connectors_way_out_in_one_place() -> None:
    made = {
        name
        for name, tree in PARSED.items()
        if name.startswith("gateway/")
        for call in called_in(tree)
        if call == "connectors.http.Http"
    }
    assert made == {"gateway/guarded_adapter.py"}


def test_a_sender_is_made_with_the_guard_of_the_process() -> None:
    made = [
        ast.unparse(node)
        for name, tree in PARSED.items()
        if name.startswith("gateway/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Sender"
    ]
    assert set(made) == {"Sender(guard())"}
