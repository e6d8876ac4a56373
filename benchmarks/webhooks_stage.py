"""Where webhooks are measured: a fresh database with endpoints, a receiver, a worker as `kopru work` starts it."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.rows import TupleRow
from rq import Worker

from benchmarks import world
from benchmarks.stage import Stage
from benchmarks.worker import WorkerProcess
from gateway import guarded, migrations, outbox, pool, queue, vault
from gateway.channels import Caller
from gateway.config import read_settings
from gateway.customers.bulk import wire_form
from gateway.db import transaction
from gateway.embedded_cluster import SUPERUSER
from gateway.outbox import Event
from gateway.queue import Bell
from gateway.webhooks import bell
from gateway.webhooks.endpoints import service

COMMITTERS = 4  # as many threads as a web process has
SYSTEM = Caller.system("benchmarks")
PAYLOAD_BYTES, _OLD_BYTES = 1024, 64
_ABOUT = next(world.customers(1)).customer
_RECORD = wire_form(_ABOUT)
_START_SECONDS = 60.0
_OWE = """
    INSERT INTO webhook_deliveries (id, endpoint_id, event_id, type, payload, status, due_at, created_at)
    SELECT gen_random_uuid(), (%(endpoints)s::uuid[])[1 + n %% %(kinds)s], gen_random_uuid(), 'customer.updated',
           rpad('{"type":"customer.updated","data":{"number":' || n || ',"text":"', %(bytes)s - 3, 'ş') || '"}}',
           %(status)s, now(), now()
    FROM generate_series(1, %(count)s) n
"""


class NotDelivered(AssertionError):
    """What was to be measured did not happen, so there is no number."""


@dataclass
class Receiver:
    """The receiver's process, asked over HTTP."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Where it is told."""
        return f"http://127.0.0.1:{self.port}/kopru"

    def count(self) -> int:
        """How many messages have come."""
        return int(self._ask("GET", "count"))

    def times(self) -> dict[str, float]:
        """When each first came, in Unix seconds, by its webhook-id."""
        lines = [line.split() for line in self._ask("GET", "times").decode().splitlines()]
        return {webhook_id: float(at) for webhook_id, at in reversed(lines)}

    def forget(self) -> None:
        """Begin anew."""
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return bytes(answer.read())


@dataclass
class Gateway:
    """Köprü with endpoints at one receiver."""

    stage: Stage
    url: str
    environ: dict[str, str]
    receiver: Receiver
    endpoints: list[UUID]

    def open(self) -> None:
        """Make this database the one that this process works on."""
        pool.open_database(self.environ["DATABASE_URL"], pool_size=COMMITTERS, statement_seconds=600)

    def tell(self) -> tuple[str, float]:
        """Commit an event about a customer as the product does; answers its id, and when it was committed."""
        with transaction(SYSTEM) as tx:
            event_id = outbox.record(tx, Event("customer.updated", _ABOUT["id"], _ABOUT["id"], _RECORD, ["status"]))
        return str(event_id), time.time()

    def owe(self, count: int, status: str = "pending") -> None:
        """Put so many deliveries into the table, an endpoint after the other; what is over has a short payload."""
        parts = {
            "endpoints": self.endpoints, "kinds": len(self.endpoints), "status": status, "count": count,
            "bytes": PAYLOAD_BYTES if status == "pending" else _OLD_BYTES,
        }  # fmt: skip
        with self.superuser() as connection:
            connection.execute(_OWE.encode(), parts)
            connection.execute("VACUUM ANALYZE webhook_deliveries")

    def superuser(self) -> psycopg.Connection[TupleRow]:
        """A connection that looks past row-level security."""
        return psycopg.connect(self.url.replace("+psycopg", ""), autocommit=True)

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """A worker that waits for the bell."""
        queue.redis().flushdb()
        command = [sys.executable, "-m", "gateway.worker", "webhooks"]
        with WorkerProcess(command, self.environ, self.stage.folder / "webhooks.log") as worker:
            wait_for(lambda: Worker.count(connection=queue.redis()) > 0, _START_SECONDS, "the worker listens")
            yield worker

    def is_settled(self) -> bool:
        """Whether nothing is left to send."""
        left = "SELECT 1 FROM webhook_deliveries WHERE status = 'pending' LIMIT 1"
        with self.superuser() as connection:
            return connection.execute(left).fetchone() is None


def ring() -> None:
    """Wake the worker."""
    queue.ring_now([Bell(queue.WEBHOOKS, bell.DELIVER)])


def wait_for(is_met: Callable[[], bool], seconds: float, what: str, poll: float = 0.02) -> None:
    """Return when it is so; raises NotDelivered."""
    deadline = time.monotonic() + seconds
    while not is_met():
        if time.monotonic() > deadline:
            raise NotDelivered(f"not within {seconds:.0f} s: {what}")
        time.sleep(poll)


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """The receiver, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.receiver"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1]) as process:
        assert process.stdout is not None
        try:
            yield Receiver(int(process.stdout.readline()), process.pid)
        finally:
            process.terminate()


@contextmanager
def open_gateway(stage: Stage, receiver: Receiver, endpoints: int, name: str = "bench_webhooks") -> Iterator[Gateway]:
    """A fresh database with so many endpoints of the house, which are told of customers."""
    postgres = stage.servers.postgres
    postgres.drop_database(name)
    url = postgres.create_database(name)
    migrations.upgrade(url)
    environ = {
        **stage.environ(url), "KOPRU_BASE_URL": "http://127.0.0.1:1", "KOPRU_WEBHOOK_ALLOW": "127.0.0.0/8",
    }  # fmt: skip
    settings = read_settings(environ)
    vault.load_keys(settings.vault_keys)
    queue.open_queue(settings.redis_url)
    guarded.open_guard(settings.webhook_allow)
    outbox.listen(bell.ring)
    service.MOST_ENDPOINTS = max(service.MOST_ENDPOINTS, endpoints)
    gateway = Gateway(stage, postgres.url_for(name, SUPERUSER), environ, receiver, [])
    gateway.open()
    try:
        with transaction(SYSTEM) as tx:
            gateway.endpoints += [service.register(tx, receiver.url, ("customer.*",))[0].id for _ in range(endpoints)]
        yield gateway
    finally:
        pool.close_database()
