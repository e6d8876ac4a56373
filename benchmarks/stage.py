"""Where benchmarks run: servers of their own with real fsync, filled databases, web servers, everybody's tokens."""

from __future__ import annotations

import base64
import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self
from uuid import UUID

import psycopg

from benchmarks import world
from benchmarks.filling import fill, multiply
from benchmarks.load import Loader, by_wrk
from benchmarks.web import WebServer, free_port
from gateway import db, migrations, pool, vault
from gateway.channels import Caller, Channel
from gateway.config import read_settings
from gateway.db import transaction
from gateway.embedded import EmbeddedServers
from gateway.embedded_cluster import SUPERUSER
from gateway.installation import fresh_folder
from gateway.oauth import keys
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on
from gateway.partners import service as partners
from gateway.web import WORKERS, granian, web_command

# No benchmark is about being refused: a quota that nobody reaches, drawn from as every quota is.
QUOTA = (600_000_000, 60)
_HOST = "127.0.0.1"
_FLOOR_THREADS = 4  # as many as a process of the product has
_KEYS = {
    "KOPRU_SECRET_KEY": "the-secret-of-a-benchmark-that-is-gone-when-it-ends",
    "KOPRU_VAULT_KEYS": "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE",
    "KOPRU_ACCESS_TOKEN_SECONDS": "3600",
    "KOPRU_LOG_LEVEL": "ERROR",
}


@dataclass(frozen=True, slots=True)
class Door:
    """A partner and the client through which its system comes in."""

    partner_id: str
    code: str
    granted: list[str]
    client_id: str
    secret: str

    @property
    def basic(self) -> str:
        """The Authorization header of its client."""
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


@dataclass(frozen=True)
class Database:
    """A filled database; `doors` are its partners in the order of the world."""

    name: str
    url: str
    admin_url: str
    doors: list[Door] = field(repr=False)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of a question asked as superuser, past row-level security."""
        with psycopg.connect(self.admin_url.replace("+psycopg", "")) as connection:
            return connection.execute(statement.encode()).fetchall()

    def door_of(self, partner_id: UUID) -> Door:
        """The door of a partner."""
        return next(door for door in self.doors if door.partner_id == str(partner_id))


class Stage:
    """One run of benchmarks. `scale` 1.0 is the full world, `folder` keeps everything that is made."""

    def __init__(
        self, folder: Path, *, scale: float = 1.0, rounds: int = 3, seconds: float = 8.0, load: Loader = by_wrk
    ) -> None:
        self.folder = folder
        self.load = load
        self.scale = scale
        self.rounds = rounds
        self.seconds = seconds
        self.servers = EmbeddedServers(folder)
        self.made: set[str] = set()  # databases that are as this run needs them
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.enter_context(self.servers)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def postgres_pid(self) -> int:
        """The database server's main process; its children serve the connections."""
        assert self.servers.postgres.pid is not None
        return self.servers.postgres.pid

    def database(self, times: int = 1) -> Database:
        """The world at this run's scale, with `times` as many customers; made when first asked for."""
        customers = max(200, round(world.CUSTOMERS * self.scale))
        name = f"bench_{customers * times}"
        note = self.folder / f"{name}.json"
        if not note.exists():
            self.servers.postgres.drop_database(name)
            if times == 1:
                self._fill(name, customers, note)
            else:
                self._multiply(name, self.database(), times, note)
        doors = [Door(**door) for door in json.loads(note.read_text())]
        postgres = self.servers.postgres
        return Database(name, postgres.url_for(name), postgres.url_for(name, SUPERUSER), doors)

    def _fill(self, name: str, customers: int, note: Path) -> None:
        print(f"making {customers:,} customers …", flush=True)
        url = self.servers.postgres.create_database(name)
        migrations.upgrade(url)
        doors = self._open_doors(url)
        fill(self.servers.postgres.url_for(name, SUPERUSER), customers, [(UUID(d.partner_id), d.code) for d in doors])
        note.write_text(json.dumps([asdict(door) for door in doors]))

    def _multiply(self, name: str, small: Database, times: int, note: Path) -> None:
        print(f"making {times} times as many …", flush=True)
        self.servers.postgres.create_database(name, small.name)
        multiply(self.servers.postgres.url_for(name, SUPERUSER), times)
        shutil.copy(self.folder / f"{small.name}.json", note)

    def _open_doors(self, url: str) -> list[Door]:
        settings = read_settings({**self.environ(url), "KOPRU_BASE_URL": "http://127.0.0.1:1"})
        vault.load_keys(settings.vault_keys)
        pool.open_database(settings.database_url, pool_size=1)
        try:
            with transaction(Caller.system("benchmarks")) as tx:
                keys.ensure_first_key(tx)
                return [_open_door(tx, number) for number in range(world.PARTNERS)]
        finally:
            pool.close_database()

    def environ(self, database_url: str) -> dict[str, str]:
        """The environment of programs under test, as `kopru up` would give it."""
        metrics = fresh_folder(self.folder / "metrics" / database_url.rpartition("/")[2].partition("?")[0])
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("KOPRU_", "PROMETHEUS_"))}
        servers = {"DATABASE_URL": database_url, "REDIS_URL": self.servers.redis.url}
        return {**plain, **servers, **_KEYS, "PROMETHEUS_MULTIPROC_DIR": str(metrics)}

    @contextmanager
    def product(self, database: Database, workers: int = WORKERS) -> Iterator[WebServer]:
        """Köprü's web server, started as `kopru serve` starts it."""
        port = free_port()
        environ = {**self.environ(database.url), "KOPRU_BASE_URL": f"http://127.0.0.1:{port}"}
        command = web_command(_HOST, port, workers)
        with WebServer("köprü", environ, self.folder / "web.log", port, command) as server:
            yield server

    @contextmanager
    def floor(
        self, module: str, database: Database, callers: dict[str, Door], issuer: str, workers: int = WORKERS
    ) -> Iterator[WebServer]:
        """The bare counterpart in `benchmarks.floor`; it knows callers by their Authorization header.

        It is a WSGI function on granian's own threads, without the front that awaits the product's bodies: what the
        front costs counts against the product.
        """
        known = self.folder / f"floor-{module}.json"
        known.write_text(json.dumps({header: asdict(door) for header, door in callers.items()}))
        environ = {**self.environ(database.url), "KOPRU_BASE_URL": issuer, "FLOOR_CALLERS": str(known)}
        port, factory = free_port(), f"benchmarks.floor.{module}:create_floor"
        threads = ("--blocking-threads", str(_FLOOR_THREADS))
        command = granian("wsgi", factory, _HOST, port, workers, *threads)
        with WebServer("floor", environ, self.folder / "floor.log", port, command) as server:
            yield server


def tokens_of(server: WebServer, database: Database) -> dict[str, Door]:
    """A fresh access token of every partner's client."""
    return {_fetch_token(server, door): door for door in database.doors}


def _fetch_token(server: WebServer, door: Door) -> str:
    headers = {"Authorization": door.basic, "Content-Type": "application/x-www-form-urlencoded"}
    request = urllib.request.Request(f"{server.url}/oauth/token", b"grant_type=client_credentials", headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


def _open_door(tx: db.Transaction, number: int) -> Door:
    granted = ["birth_date"] if number % 2 else []
    partner = partners.add(tx, f"dealer-{number:02}", f"Bayi {number}", granted)
    client, secret = oauth.add_client(
        tx,
        f"system of dealer {number}",
        Channel.EXTRANET,
        partner_id=partner.id,
        auth_method="client_secret_basic",
        grants=["client_credentials"],
        scopes=sorted(scopes_on(Channel.EXTRANET)),
        quota=QUOTA,
    )
    return Door(str(partner.id), partner.code, granted, client.client_id, str(secret))
