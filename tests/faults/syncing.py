"""Links, runs and both sides' records, for tests that disturb a sync."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import requests
from psycopg.rows import dict_row
from werkzeug.wrappers import Request, Response

from tests.connectors.fake_partner import FakePartner
from tests.faults.clients import Door
from tests.faults.installation import HOLDER, Installation, Seeded, parent_of
from tests.ports import HOST, free_port

_OURS_ALONE = ("id", "customer_id", "partner_id", "partner", "created_at", "updated_at", "version", "origin", "sources")
_RECORDS = """
SELECT r.external_id, r.record_id, o.external_id AS customer, t.*
FROM sync_references r JOIN {table} t ON t.id = r.record_id
LEFT JOIN sync_references o ON o.link_id = r.link_id AND o.stream = 'customers' AND o.record_id = {customer}
WHERE r.link_id = %s AND r.stream = %s
"""
_EVENTS = """
SELECT count(*) FROM sync_references r WHERE r.link_id = %s AND 1 <> (
    SELECT count(*) FROM events e WHERE e.resource_id = r.record_id AND e.type LIKE '%%.created')
"""


class CarelessPartner(FakePartner):
    """A partner's system that takes its time and would store a record twice if it were sent twice."""

    read_seconds, write_seconds = 0.0, 0.004

    def __call__(self, environ: Any, start_response: Any) -> Any:
        time.sleep(self.write_seconds if environ["REQUEST_METHOD"] == "POST" else self.read_seconds)
        return super().__call__(environ, start_response)

    def _create(self, request: Request, stream: str) -> Response:
        stored = self._store(stream, request.get_json(), self._tick())
        return Response(json.dumps(stored), 201, mimetype="application/json")


@dataclass(frozen=True)
class Link:
    """A link between the installation and a partner's system."""

    installation: Installation
    inside: Door
    id: str

    def start(self) -> str:
        """Ask for a run; its id."""
        (self.installation.folder / HOLDER).unlink(missing_ok=True)
        return str(self.inside.make(f"/sync/links/{self.id}/runs")["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        """The run as the API shows it."""
        found: dict[str, Any] = self.inside.get(f"/sync/runs/{run_id}")
        return found

    def is_over(self, run_id: str) -> bool:
        """Whether the run has ended, seen past the API."""
        status = self.installation.rows("SELECT status FROM sync_runs WHERE id = %s", run_id)[0][0]
        return status not in ("queued", "running")

    def sync(self, seconds: float = 60.0) -> dict[str, Any]:
        """One run to its end."""
        run_id = self.start()
        self.installation.wait(lambda: self.is_over(run_id), seconds, f"run {run_id} has ended")
        return self.run(run_id)

    def content(self, stream: str) -> dict[str, Any]:
        """What the hub made of the partner's records, by their names over there, without what is each copy's own."""
        customer = "NULL" if stream == "customers" else "t.customer_id"
        query = _RECORDS.format(table=stream, customer=customer)
        with self.installation.connected() as connection:
            rows = connection.cursor(row_factory=dict_row).execute(query.encode(), (self.id, stream)).fetchall()
        return {row["external_id"]: _bare(row) for row in rows}

    def records_with_other_than_one_birth(self) -> int:
        """How many records have no event of their creation, or several."""
        return self.installation.count(_EVENTS, self.id)


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bare(each) for name, each in value.items() if name not in (*_OURS_ALONE, "record_id")}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def add_link(installation: Installation, partner: Seeded, url: str, api_key: str) -> Link:
    """A link from a partner to its system, run on demand."""
    inside = Door(installation.base_url, "intranet", partner.inside)
    wish = {"name": f"{partner.code} DMS", "partner": partner.code, "connector": "rest"}
    settings = {"base_url": url, "api_key": api_key, "incremental": {"overlap_seconds": 0}}
    return Link(installation, inside, inside.make("/sync/links", {**wish, "settings": settings})["id"])


def start_dealer(installation: Installation, code: str) -> tuple[str, str]:
    """One of the demo's dealers, quiet, as a program of the installation; its address and key."""
    port, data, key = free_port(), installation.folder / "dealers", f"{code}-anahtar"
    arguments = ("--code", code, "--port", str(port), "--data", str(data), "--token", key, "--quiet")
    installation.run_program(f"dealer-{code}", "demo.dealer", *arguments)
    url = f"http://{HOST}:{port}"
    installation.wait(lambda: _answers(f"{url}/health"), 30, f"the dealer {code} answers")
    return url, key


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def busy_sync_worker(installation: Installation) -> str | None:
    """The name of the program whose worker took a run last, if that worker still lives."""
    holder = installation.folder / HOLDER
    pid = int(holder.read_text() or 0) if holder.exists() else 0
    parent = parent_of(pid)
    programs = installation.supervisor.programs
    return next((each.name for each in programs if parent and each.process and each.process.pid == parent), None)
