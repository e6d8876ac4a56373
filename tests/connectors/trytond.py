"""A real Tryton server as the tests' partner: a process of its own, on a copy of a database that is built once."""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import requests

from tests.ports import free_port

PASSWORD = "örnek-parola-1923"
CACHE = Path(__file__).parents[2] / "var" / "test-cache"
# Tryton asks the DNS about every e-mail domain when email-validator can be imported; tests have no DNS.
_WITHOUT_DNS = "import runpy, sys; sys.modules['email_validator'] = None; sys.argv = sys.argv[1:]; "
# Each connector of each test signs in, and at Tryton's own price that would be most of what Tryton does here.
_CHEAP_HASH = (
    "import functools, pwdlib.hashers.argon2 as own; "
    "own.Argon2Hasher = functools.partial(own.Argon2Hasher, time_cost=1, memory_cost=8, parallelism=1); "
)
_RUN = f"{_WITHOUT_DNS}{_CHEAP_HASH}runpy.run_path(sys.argv[0], run_name='__main__')"


class TrytonPartner:
    """The levers of the contract, pulled by a client that shares no code with the connector."""

    def __init__(self, url: str, database: Path) -> None:
        self.url = url
        self.database = database
        self._session = requests.Session()
        self._session.trust_env = False
        user_id, token, *_ = self._rpc("common.db.login", "admin", {"password": PASSWORD}, "en")
        session = base64.b64encode(f"admin:{user_id}:{token}".encode()).decode()
        self._session.headers["Authorization"] = f"Session {session}"

    def call(self, model: str, method: str, *params: Any) -> Any:
        return self._rpc(f"model.{model}.{method}", *params, {"active_test": False})

    def clear(self) -> None:
        self.call("party.party", "delete", self.call("party.party", "search", []))

    def add(self, stream: str, records: list[dict[str, Any]]) -> list[str]:
        values = [{"name": record["organisation_name"], "addresses": []} for record in records]
        return [str(number) for number in self.call("party.party", "create", values)]

    def change(self, stream: str, external_id: str, fields: dict[str, Any]) -> None:
        self.call("party.party", "write", [int(external_id)], {"name": fields["organisation_name"]})

    def remove(self, stream: str, external_id: str) -> None:
        self.call("party.party", "delete", [int(external_id)])

    def restore(self, stream: str, external_id: str, record: dict[str, Any]) -> None:
        """As out of a backup, for Tryton itself gives no number twice."""
        with sqlite3.connect(self.database, timeout=30) as backup:
            columns = "id, name, code, active, create_uid, create_date, write_date"
            moment = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
            values = (int(external_id), record["organisation_name"], external_id)
            backup.execute(f"INSERT INTO party_party ({columns}) VALUES (?, ?, ?, 1, 1, {moment}, {moment})", values)

    def ids(self, stream: str) -> list[str]:
        return [str(number) for number in self.call("party.party", "search", [])]

    def end_session(self, authorization: str) -> None:
        body = {"id": 1, "method": "common.db.logout", "params": []}
        requests.post(f"{self.url}/partner/rpc/", json=body, headers={"Authorization": authorization}, timeout=60)

    def _rpc(self, method: str, *params: Any) -> Any:
        body = {"id": 1, "method": method, "params": params}
        answer = self._session.post(f"{self.url}/partner/rpc/", json=body, timeout=60).json()
        assert "result" in answer, answer
        return answer["result"]


@contextmanager
def run_trytond(folder: Path) -> Iterator[TrytonPartner]:
    """Start a server on a copy of the prepared database; yields when it answers."""
    shutil.copy(_database(), folder / "partner.sqlite")
    port = free_port()
    config = _config(folder, port)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*_command("trytond"), "-c", config, "-d", "partner"], stdout=log, stderr=log)
    try:
        _wait(port, process)
        yield TrytonPartner(f"http://127.0.0.1:{port}", folder / "partner.sqlite")
    finally:
        process.kill()
        process.wait()


def _database() -> Path:
    """The prepared database of this trytond version; the first test process to come builds it for all."""
    finished = CACHE / f"trytond-{version('trytond')}.sqlite"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "trytond.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            build = CACHE / "trytond-build"
            shutil.move(_build(build), finished)
            shutil.rmtree(build)
    return finished


def _build(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "partner.sqlite").touch()
    (folder / "password").write_text(PASSWORD)
    command = [*_command("trytond-admin"), "-c", _config(folder, 0), "-d", "partner", "-u", "ir", "res", "party"]
    environment = {**os.environ, "TRYTONPASSFILE": str(folder / "password")}
    command = [*command, "--activate-dependencies"]
    subprocess.run(command, env=environment, input=b"\n", check=True, capture_output=True, timeout=280)
    return folder / "partner.sqlite"


def _config(folder: Path, port: int) -> str:
    config = folder / "trytond.conf"
    config.write_text(f"[web]\nlisten = 127.0.0.1:{port}\n[database]\nuri = sqlite://\npath = {folder}\n")
    return str(config)


def _command(program: str) -> list[str]:
    return [sys.executable, "-c", _RUN, str(Path(sys.executable).parent / program)]


def _wait(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("trytond did not start; see its log in the test's folder")
