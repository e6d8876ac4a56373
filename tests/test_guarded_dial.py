"""Dialling for connectors that speak something else than HTTP."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from gateway import guarded, guarded_dial
from gateway.guarded import AddressRefused, Guard


def nowhere(*_: object, **__: object) -> list[object]:
    raise socket.gaierror


def test_server_inside_is_not_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_guard", Guard())
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(AddressRefused):
        guarded_dial.dial("localhost", server.getsockname()[1], 1)


def test_server_in_an_allowed_network_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_guard", Guard((ipaddress.ip_network("127.0.0.0/8"),)))
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        guarded_dial.dial("127.0.0.1", server.getsockname()[1], 1) as connection,
    ):
        assert connection.getpeername() == server.getsockname()


def test_name_without_an_address_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "_guard", Guard(resolve=nowhere))
    with pytest.raises(OSError, match=r"^\[Errno \d+\] sftp\.bayi\.example does not resolve"):
        guarded_dial.dial("sftp.bayi.example", 22, 1)
