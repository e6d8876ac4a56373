"""An installation for webhooks alone: two workers that die, two writers, receivers, and endpoints of every kind."""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import requests

from tests.faults.installation import Installation
from tests.faults.webhooks.books import Books
from tests.faults.webhooks.endpoints import registered
from tests.faults.webhooks.happened import Happened
from tests.faults.webhooks.journal import Endpoint, Journal
from tests.ports import HOST

WORKERS = ("webhooks-1", "webhooks-2")
PARTNERS, CUSTOMERS, WRITERS = ("bursa", "sinop"), 6, 2
_PATIENCE_SECONDS = 120.0
_EVENTS = """
SELECT e.id::text, e.type, e.customer_id::text, e.record, e.changed, p.code
FROM events e LEFT JOIN partners p ON p.id = e.partners[1]
WHERE e.type LIKE 'customer.%%' OR e.type LIKE 'interaction.%%' ORDER BY e.txid, e.position
"""
_UNREAD = """
SELECT count(*) FROM events e WHERE NOT EXISTS (
    SELECT 1 FROM readers r WHERE r.name = 'webhooks' AND (e.txid, e.position) <= (r.txid, r.position))
"""
_WRITTEN = "SELECT count(*) FROM events"
_WAITING = "SELECT count(*) FROM webhook_deliveries WHERE status IN ('pending', 'held')"
_UNENDED = """
SELECT e.url, d.status FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
WHERE d.status NOT IN ('delivered', 'cancelled')
"""
_HURRY = (
    "UPDATE webhook_deliveries SET due_at = now() WHERE status = 'pending' AND due_at > now() + interval '2 seconds'"
)
_CLOSE = "UPDATE webhook_paces SET open_until = now() WHERE open_until > now() + interval '1 second'"


class Stage(Installation):
    """All of it. What the programs are to do they see by files in its folder: `writing`, `fast`, `rude`, …"""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.journal = Journal(folder / "journal")
        self._since, self.after = 0, 0

    def run_programs(self) -> None:
        """Web, the workers and upkeep; writers and receivers follow once there are partners."""
        self.run_web(1)
        for name in WORKERS:
            self.run_program(name, "tests.faults.webhooks.worker")
        self.run_program("upkeep", "tests.faults.worker", "upkeep")

    def prepare(self, chance: random.Random) -> None:
        """Add two partners, their endpoints and the house's, and writers that wait."""
        self.run_program("receivers", "tests.faults.webhooks.receivers", str(self.folder), str(chance.random()))
        partners = [self.seed(code, CUSTOMERS) for code in PARTNERS]
        port = self.folder / "port"
        self.wait(port.exists, _PATIENCE_SECONDS, "the receivers listen")
        self.wait(lambda: self.count(_UNREAD) == 0, _PATIENCE_SECONDS, "all events so far are fanned out")
        self.begin()
        for endpoint in registered(self.base_url, f"http://{HOST}:{port.read_text()}", *partners):
            self.journal.endpoints[endpoint.listening.name] = endpoint
        customers = ",".join(each for partner in partners for each in partner.customers)
        for number in range(WRITERS):
            arguments = str(chance.random()), ",".join(PARTNERS), customers
            self.run_program(f"writer-{number}", "tests.faults.webhooks.writer", *arguments)

    @contextmanager
    def told(self, *names: str) -> Iterator[None]:
        """The programs are told so for the length of the block."""
        for name in names:
            (self.folder / name).touch()
        try:
            yield
        finally:
            for name in names:
                (self.folder / name).unlink()

    @contextmanager
    def workers_with(self, name: str, value: str) -> Iterator[None]:
        """Both workers are others for the length of the block, with `mutant`, `skew` or `patience` as given."""
        (self.folder / name).write_text(value)
        self.kill_workers()
        try:
            for worker in WORKERS:
                self.wait(partial(self.has_started, worker), _PATIENCE_SECONDS, f"{worker} has begun again")
            yield
        finally:
            (self.folder / name).unlink()
            self.kill_workers()

    def write(self, changes: int, *told: str) -> None:
        """Have so many things written, and wait until everybody has been told of them."""
        enough = self.count(_WRITTEN) + changes
        with self.told("writing", *told):
            self.wait(lambda: self.count(_WRITTEN) >= enough, _PATIENCE_SECONDS, "enough has been written")
        self.drain()

    def living_worker(self, name: str) -> int:
        """The process that does a worker's work, waited for where it has just died."""
        found: list[int] = []

        def is_there() -> bool:
            found[:] = [self.worker(name)]
            return found != [0]

        self.wait(is_there, _PATIENCE_SECONDS, f"{name} has begun again")
        return found[0]

    def kill_workers(self, *names: str) -> None:
        """Kill -9, wherever they are."""
        for pid in [self.living_worker(name) for name in names or WORKERS]:
            with suppress(ProcessLookupError):  # in a storm it kills itself
                os.kill(pid, signal.SIGKILL)

    def close_circuits(self) -> None:
        """No endpoint is left alone for longer than a second."""
        self.rows(_CLOSE)

    def switch(self, name: str, status: str) -> None:
        """Disable an endpoint or enable it again, however often that must be asked."""
        endpoint, began = self.journal.endpoints[name], time.time()
        self.wait(lambda: _patched(endpoint, status), _PATIENCE_SECONDS, f"{name} is {status}")
        absences = endpoint.listening.absences
        if status == "disabled":
            absences.append((time.time(), float("inf")))
        else:
            absences[-1] = absences[-1][0], began

    def drain(self) -> float:
        """Wait until everything has come to its end; answers how long that took, in seconds."""
        self.heal()
        self.pause(0.3)  # for what writers had begun
        took = self.wait(self._is_drained, _PATIENCE_SECONDS, "everything is delivered or cancelled")
        self.pause(0.1)  # for what receivers write down last
        self.journal.read()
        return took

    def events(self) -> list[Happened]:
        """What has happened to customers, in order."""
        return [
            Happened(event_id, kind, customer, record, frozenset(changed), code)
            for event_id, kind, customer, record, changed, code in self.rows(_EVENTS)
        ]

    def begin(self) -> None:
        """What has happened and arrived until now is no longer of interest."""
        self._since, self.after = len(self.events()), len(self.journal.arrivals)

    def differences(self) -> list[str]:
        """What the books say, and what has come to no end."""
        listening = [each.listening for each in self.journal.endpoints.values()]
        found = Books(self.events(), self.journal.in_order()[self.after :], self._since).differences(listening)
        return found + [f"{url} is still {status}" for url, status in self.rows(_UNENDED)]

    def repeated(self) -> list[str]:
        """The messages that came more than once."""
        times = Counter((each.endpoint, each.id) for each in self.journal.in_order()[self.after :])
        return [f"{endpoint}: {webhook_id}" for (endpoint, webhook_id), count in times.items() if count > 1]

    def counts(self) -> str:
        """The totals, for a person to read."""
        arrived = self.journal.in_order()[self.after :]
        different = {(each.endpoint, each.id) for each in arrived}
        return f"{len(self.events()) - self._since} events, {len(arrived)} messages ({len(different)} different)"

    def deaths(self) -> Counter[str]:
        """In what workers have killed themselves, and how often."""
        said = self.folder / "deaths"
        return Counter(said.read_text().split() if said.exists() else ())

    def _is_drained(self) -> bool:
        self.close_circuits()
        self.rows(_HURRY)  # nobody waits for what a receiver wished
        self.journal.read()
        self.pause(0.2)
        return self.count(_UNREAD) == 0 and self.count(_WAITING) == 0


def _patched(endpoint: Endpoint, status: str) -> bool:
    path = f"{endpoint.door.base}/webhooks/endpoints/{endpoint.id}"
    session = endpoint.door.session
    try:
        etag = session.get(path, timeout=5).headers.get("ETag", "")
        answer = session.patch(path, json={"status": status}, headers={"If-Match": etag}, timeout=5)
    except requests.RequestException:
        return False
    return answer.status_code == 200


@contextmanager
def staged(chance: random.Random) -> Iterator[Stage]:
    """A stage for the length of the block, all up and nothing happening yet."""
    with tempfile.TemporaryDirectory(prefix="kopru-webhooks-") as folder:
        stage = Stage(Path(folder))
        try:
            stage.start()
            stage.prepare(chance)
            yield stage
        finally:
            stage.stop()
