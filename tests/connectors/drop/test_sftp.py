"""Drops on a real SFTP server: the same contract, a pinned host key, and servers that fail in the middle."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, ClassVar

import asyncssh
import pytest

from connectors.base import Change, ConnectorError
from connectors.csv_drop import CsvDrop
from connectors.errors import CredentialsRefused
from connectors.http import Http, Limits
from tests.connectors.drop.partner import TOMBSTONE, Exporter, deliver, records
from tests.connectors.drop.server import PASSWORD, Server, serve
from tests.connectors.drop.test_contract import DropContract

PATIENT, HASTY = Limits(20, 20, 30), Limits(connect_seconds=2, read_seconds=2, total_seconds=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with serve(folder.parent) as server:
        yield server


def link(settings: dict[str, Any], limits: Limits = PATIENT, **more: Any) -> CsvDrop:
    whole = {"settle_seconds": 0, "streams": {"customers": {"pattern": "customers_*"}}, **settings, **more}
    return CsvDrop(CsvDrop.Settings().load(whole), Http(limits))


class TestOverSftp(DropContract):
    form: ClassVar[dict[str, Any]] = {"tombstone": TOMBSTONE}

    @pytest.fixture
    def partner(self, folder: Path, server: Server) -> Exporter:
        partner = Exporter(folder)
        partner.server = server  # type: ignore[attr-defined]
        return partner

    def place(self, partner: Exporter) -> dict[str, Any]:
        settings: dict[str, Any] = partner.server.settings(password=PASSWORD)  # type: ignore[attr-defined]
        return settings


def test_fingerprint_pins_the_host_key_as_well(server: Server) -> None:
    link(server.settings(host_key=server.fingerprint)).check()


def test_password_lets_in(server: Server) -> None:
    link(server.settings(private_key="", password=PASSWORD)).check()


def test_another_host_key_is_refused_and_told(server: Server) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    with pytest.raises(ConnectorError, match=r"shows another host key.*SHA256:") as caught:
        link(server.settings(host_key=other)).check()
    assert caught.value.permanent


def test_host_key_of_another_kind_is_refused(server: Server) -> None:
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode()
    with pytest.raises(ConnectorError, match="host key of this kind") as caught:
        link(server.settings(host_key=other)).check()
    assert caught.value.permanent


def test_wrong_password_needs_a_person_and_is_not_shown(server: Server) -> None:
    with pytest.raises(CredentialsRefused) as caught:
        link(server.settings(private_key="", password="yanlış-parola")).check()
    assert "yanlış" not in repr(caught.value)


def test_key_that_cannot_be_read_needs_a_person(server: Server) -> None:
    with pytest.raises(ConnectorError, match="private_key") as caught:
        link(server.settings(private_key="-----BEGIN NONSENSE-----")).check()
    assert caught.value.permanent


def test_missing_folder_is_told(server: Server) -> None:
    with pytest.raises(ConnectorError, match="no such file or folder"):
        link(server.settings(folder="/elsewhere")).check()


def test_address_that_may_not_be_called_needs_a_person(server: Server) -> None:
    def refuse(*_: Any) -> socket.socket:
        raise ValueError

    connector = link(server.settings())
    connector.http.dial = refuse
    with pytest.raises(ConnectorError, match="not allowed") as caught:
        connector.check()
    assert caught.value.permanent


def test_our_drop_appears_whole_under_its_name(server: Server, folder: Path) -> None:
    [pushed] = link(server.settings()).push("customers", [Change("create", "K-1", record={"given_name": "Işıl"})])
    [dropped] = (folder / "out").iterdir()
    assert (pushed.error, dropped.suffix, "Işıl" in dropped.read_text()) == (None, ".csv", True)


def test_links_on_the_server_are_no_files(server: Server, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("external_id,kind\nC-1,person\n")
    (folder / "customers_1.csv").symlink_to(tmp_path / "secret.csv")
    assert records(link(server.settings())) == []


@pytest.mark.parametrize("greeting", [b"", b"SSH-2.0-half\r\n"])
def test_half_open_server_is_given_up_in_time(server: Server, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        threading.Thread(target=lambda: silent.accept()[0].send(greeting) and time.sleep(20), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(ConnectorError) as caught:
            link(server.settings(port=silent.getsockname()[1]), HASTY).check()
    assert (caught.value.permanent, time.monotonic() - began < 15) == (False, True)


class Drip(asyncssh.SFTPServer):
    """Sends a file a few bytes at a time, always in time for the next read."""

    async def read(self, file_obj: Any, offset: int, size: int) -> bytes:  # type: ignore[override]
        await asyncio.sleep(1)
        return bytes(super().read(file_obj, offset, 5))  # type: ignore[arg-type]


class Vanishing(asyncssh.SFTPServer):
    """Goes away in the middle of a file."""

    def read(self, file_obj: Any, offset: int, size: int) -> bytes:
        if offset > 100_000:
            self.channel.get_connection().abort()
        return bytes(super().read(file_obj, offset, size))  # type: ignore[arg-type]


class Growing(asyncssh.SFTPServer):
    """Another process goes on writing while we read."""

    def open(self, path: bytes, *args: Any) -> object:
        opened = super().open(path, *args)
        with Path(self.map_path(path).decode()).open("ab") as file:
            file.write(b"C-2,person,Cem\n")
        return opened


@pytest.mark.parametrize(("kind", "told"), [(Vanishing, "lost"), (Growing, "changed while"), (Drip, "within|in time")])
def test_file_that_does_not_arrive_whole_brings_nothing(
    folder: Path, kind: type, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.wire.drop_sftp._FETCH_SECONDS", 3.0 if kind is Drip else 60.0)
    deliver(folder / "customers_1.csv", b"external_id,kind,given_name\n" + b"C-1,person,Ali\n" * 20_000)
    with serve(folder.parent, kind) as server, pytest.raises(ConnectorError, match=told) as caught:
        records(link(server.settings()))
    assert not caught.value.permanent


def test_file_name_that_is_no_text_is_told(server: Server, folder: Path) -> None:
    (folder / os.fsdecode(b"m\xfe\xfeteriler.csv")).touch()
    with pytest.raises(ConnectorError, match="not UTF-8") as caught:
        link(server.settings()).check()
    assert caught.value.permanent


class Babbling(asyncssh.SFTPServer):
    """Lists a file under a name that leads elsewhere."""

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        yield asyncssh.SFTPName(b"../customers_2.csv", "", asyncssh.SFTPAttrs(permissions=0o100644, size=34, mtime=1))
        yield asyncssh.SFTPName(b"customers_1.csv", "", asyncssh.SFTPAttrs(permissions=0o100644, size=34, mtime=1))


def test_name_that_leads_elsewhere_is_no_file(folder: Path) -> None:
    content = b"external_id,kind\nC-1,organisation\n"
    for path, wanted in ((folder.parent / "customers_2.csv", False), (folder / "customers_1.csv", True)):
        deliver(path, content if wanted else content.replace(b"C-1", b"C-2"))
        os.utime(path, (1, 1))
    with serve(folder.parent, Babbling) as server:
        connector = link(server.settings(), streams={"customers": {"pattern": "*customers_*"}})
        assert [each["external_id"] for each in records(connector)] == ["C-1"]


class Full(asyncssh.SFTPServer):
    """Has no room left."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        raise asyncssh.SFTPFailure("disk full")


class Forgetful(asyncssh.SFTPServer):
    """Says that it has written what it has not."""

    def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        return len(data)


@pytest.mark.parametrize("kind", [Full, Forgetful])
def test_drop_that_did_not_arrive_whole_gets_no_name(folder: Path, kind: type) -> None:
    with serve(folder.parent, kind) as server:
        change = Change("create", "K-1", record={"given_name": "Işıl"})
        [pushed] = link(server.settings()).push("customers", [change])
    assert pushed.error is not None and not pushed.error.permanent
    assert [path.suffix for path in (folder / "out").iterdir()] == [".part"]


class Plain(asyncssh.SFTPServer):
    """Knows the protocol alone: a rename never replaces a file."""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        raise asyncssh.SFTPOpUnsupported("no such extension")

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        if Path(self.map_path(newpath).decode()).exists():
            raise asyncssh.SFTPFailure("the file is there")
        super().rename(oldpath, newpath)


def test_what_was_acknowledged_can_be_so_again_on_a_server_that_replaces_no_file(folder: Path) -> None:
    deliver(folder / "customers_1.csv", b"external_id,kind\nC-1,organisation\n")
    with serve(folder.parent, Plain) as server:
        connector = link(server.settings(), archive="ack")
        *_, last = connector.pull("customers", None)
        for _ in range(2):
            connector.acknowledge("customers", last.cursor)
    assert (folder / "customers_1.csv.ack").exists() and not list(folder.glob("*.part"))
