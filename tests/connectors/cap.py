"""SAP's own OData server (CAP) as the tests' partner: a process of its own on an empty database in memory."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import requests

from tests.connectors.trytond import CACHE, _wait
from tests.ports import free_port

Json = dict[str, Any]
PASSWORD = "örnek-parola-1923"
SERVER = Path(__file__).parent / "odata_server"
SETS = {"customers": "BusinessPartners", "interactions": "Activities"}
_NPM = ("npm", "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--prefer-offline")
_COLUMNS = {
    "customers": {
        "organisation_name": "name", "birth_date": "birthDate", "tax_id": "taxNumber", "locale": "language"
    },
    "interactions": {
        "channel": "channel", "kind": "kind", "direction": "direction", "subject": "subject",
    },
}  # fmt: skip


class CapPartner:
    """The levers of the contract, pulled by a client that shares no code with the connector."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._serial = count(1000)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.auth = ("kopru", PASSWORD.encode())  # type: ignore[assignment]

    def clear(self) -> None:
        for stream, name in SETS.items():
            self._together("DELETE", [f"{name}{_key(stream, each)}" for each in self.ids(stream)])

    def add(self, stream: str, records: list[Json]) -> list[str]:
        rows = [self._row(stream, record) for record in records]
        answers = self._together("POST", [SETS[stream]] * len(rows), rows)
        return [_external_id(stream, answer) for answer in answers]

    def change(self, stream: str, external_id: str, fields: Json) -> None:
        address = f"{SETS[stream]}{_key(stream, external_id)}"
        self._call("PATCH", address, json=_translated(stream, fields), headers={"If-Match": "*"})

    def remove(self, stream: str, external_id: str) -> None:
        self._call("DELETE", f"{SETS[stream]}{_key(stream, external_id)}", headers={"If-Match": "*"})

    def ids(self, stream: str) -> list[str]:
        return [_external_id(stream, row) for row in self._call("GET", SETS[stream]).json()["value"]]

    def write_emails(self, external_id: str, addresses: list[str]) -> None:
        body = {"emails": [{"ID": str(uuid4()), "address": each} for each in addresses]}
        self._call("PATCH", f"BusinessPartners({external_id})", json=body, headers={"If-Match": "*"})

    def _row(self, stream: str, record: Json) -> Json:
        if stream == "customers":
            return {**_translated(stream, record), "category": "2"}
        amount = {"amount": record["amount"]["value"]} if "amount" in record else {}
        key = {"partner": record["customer_external_id"], "number": next(self._serial)}
        return {**_translated(stream, record), **amount, **key}

    def _together(self, method: str, addresses: list[str], bodies: list[Json] | None = None) -> list[Json]:
        """One transaction, so that all of it happens at one and the same time."""
        headers = {"content-type": "application/json;IEEE754Compatible=true", "if-match": "*"}
        parts = [
            {"id": str(n), "atomicityGroup": "g", "method": method, "url": address, "headers": headers}
            for n, address in enumerate(addresses)
        ]
        requests_ = [{**part, "body": body} for part, body in zip(parts, bodies, strict=True)] if bodies else parts
        if not requests_:
            return []
        told = self._call("POST", "$batch", json={"requests": requests_}).json()["responses"]
        assert all(each["status"] < 300 for each in told), told
        return [each.get("body", {}) for each in sorted(told, key=lambda each: int(each["id"]))]

    def _call(self, method: str, address: str, **options: Any) -> requests.Response:
        answer = self._session.request(method, f"{self.url}/unpaged/{address}", timeout=60, **options)
        assert answer.ok, answer.text
        return answer


class ArchivingPartner(CapPartner):
    """The same, of a firm that deletes nobody: it sets a mark."""

    def remove(self, stream: str, external_id: str) -> None:
        self._mark(stream, external_id, {"archived": True})

    def restore(self, stream: str, external_id: str, record: Json) -> None:
        self._mark(stream, external_id, {**_translated(stream, record), "archived": False})

    def ids(self, stream: str) -> list[str]:
        rows = self._call("GET", SETS[stream]).json()["value"]
        return [_external_id(stream, row) for row in rows if not row["archived"]]

    def _mark(self, stream: str, external_id: str, fields: Json) -> None:
        self._call("PATCH", f"{SETS[stream]}{_key(stream, external_id)}", json=fields, headers={"If-Match": "*"})


@contextmanager
def run_cap(folder: Path) -> Iterator[CapPartner]:
    """Start a server on an empty database; yields when it answers. It ends with us, whatever becomes of us."""
    port = free_port()
    command = ["node", "node_modules/@sap/cds/bin/serve.js", "all", "--in-memory"]
    environment = {**os.environ, "PORT": str(port), "NO_COLOR": "1"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=_installed(), env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log
        )
    try:
        _wait(port, process)
        yield CapPartner(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.communicate()


def _installed() -> Path:
    """The server with its packages; the first test process to come installs them for all, by their locked hashes."""
    files = sorted(each for each in SERVER.rglob("*") if each.is_file())
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()[:16]
    finished = CACHE / f"odata-server-{digest}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "odata-server.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            build = CACHE / "odata-server-build"
            shutil.rmtree(build, ignore_errors=True)
            shutil.copytree(SERVER, build)
            subprocess.run(_NPM, cwd=build, check=True, capture_output=True, timeout=280)
            build.rename(finished)
    return finished


def _translated(stream: str, record: Json) -> Json:
    return {theirs: record[ours] for ours, theirs in _COLUMNS[stream].items() if ours in record}


def _external_id(stream: str, row: Json) -> str:
    if stream == "customers":
        return str(row["ID"])
    partner = row["partner"].replace("'", "''")
    return f"partner='{partner}',number={row['number']}"


def _key(stream: str, external_id: str) -> str:
    return f"({external_id})" if stream == "customers" else f"({quote(external_id, safe='')})"
