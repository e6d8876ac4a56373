"""The data folder of the embedded PostgreSQL: made whole or not at all, its passwords beside it."""

import json
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from gateway.embedded_process import Account, EmbeddedServerError, run_as
from gateway.embedded_rights import WORKING_DIRECTORY, give, named_account, outside_folder, sees_working_directory

OWNER = "kopru"
SUPERUSER = "postgres"
INITDB_OPTIONS = (
    *("--username", SUPERUSER, "--pwfile", "/dev/stdin", "--auth", "scram-sha-256", "--encoding", "UTF8"),
    *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
    *("--data-checksums", "--no-instructions"),
)


class Cluster:
    """`cluster` inside the server's folder: the data directory, or a link to it where only a path outside works."""

    def __init__(self, folder: Path, token: str) -> None:
        self.folder = folder
        self.token = token
        self.link = folder / "cluster"
        self.passwords_file = folder / "passwords.json"

    @property
    def home(self) -> Path:
        """Where the data really lies."""
        return self.link.resolve() if self.link.is_symlink() else self.link

    def name_for(self, account: Account | None) -> str:
        """How a server under this account, put into `home`, names it."""
        return WORKING_DIRECTORY if account and not self.link.is_symlink() else str(self.home)

    def exists(self) -> bool:
        """Whether there is a data directory; one is made elsewhere and renamed, so half of one is not our making."""
        if (self.home / "PG_VERSION").exists() and (self.home / "global" / "pg_control").exists():
            return True
        if self.home.exists() and any(self.home.iterdir()):
            raise EmbeddedServerError(
                f"{self.home} is not a whole PostgreSQL data directory: restore a backup, or move {self.folder} away"
                " to start empty."
            )
        return False

    def check_version(self, ours: int) -> None:
        """Refuse data of another major version, which only a dump can bring over."""
        written = (self.home / "PG_VERSION").read_text().strip()
        if written != str(ours):
            raise EmbeddedServerError(
                f"{self.home} was written by PostgreSQL {written or 'of an unknown version'} and this is {ours}: dump"
                f" it with the old version and load it here, or move {self.folder} away to start empty."
            )

    def passwords(self) -> dict[str, str]:
        """The password of each role, readable by this user alone."""
        try:
            found: dict[str, str] = json.loads(self.passwords_file.read_text())
        except (FileNotFoundError, ValueError):
            raise EmbeddedServerError(
                f"{self.passwords_file} is missing or broken: start the server, and if that does not help put the"
                f" file back or move {self.folder} away to start empty."
            ) from None
        return found

    def create(self, initdb: Path, account: Account | None, sync: bool, explain: Callable[[str], str]) -> None:
        """Make the data directory aside and rename it, so that a kill at any moment leaves none or a whole one."""
        self._create_passwords()
        new = self.folder / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        maker = named_account() if account else None
        name, final = str(new), self.link
        if maker:
            give(new, maker)
            name = WORKING_DIRECTORY
            if not sees_working_directory(maker, new):
                new, final = self._move_outside(new)
                name = str(new)
        output = self._initdb((initdb, "--pgdata", name), new, maker, sync)
        if output:
            shutil.rmtree(new, ignore_errors=True)
            raise EmbeddedServerError(explain(output))
        if account:
            give(new, account)
        put_in_place(new, final)

    def _initdb(self, command: tuple[str | Path, ...], cwd: Path, account: Account | None, sync: bool) -> str:
        """What it says when it fails, else nothing."""
        options = INITDB_OPTIONS if sync else (*INITDB_OPTIONS, "--no-sync")
        with tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(f"{self.passwords()[SUPERUSER]}\n".encode())
            file.seek(0)
            if account:  # it opens /dev/stdin anew, under its own rights
                os.fchown(file.fileno(), account.uid, account.gid)
            done = run_as(account, [*command, *options], cwd, stdin=file)
        return (done.stdout or "initdb said nothing") if done.returncode else ""

    def _move_outside(self, new: Path) -> tuple[Path, Path]:
        home = outside_folder(self.token)
        outside = home.with_suffix(".new")
        shutil.rmtree(outside, ignore_errors=True)
        shutil.move(new, outside)
        if home.is_dir() and not any(home.iterdir()):
            home.rmdir()
        if self.link.is_dir() and not self.link.is_symlink():
            self.link.rmdir()
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(home)
        return outside, home

    def _create_passwords(self) -> None:
        if self.passwords_file.exists():
            return
        new = self.passwords_file.with_suffix(".new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({role: secrets.token_urlsafe(32) for role in (SUPERUSER, OWNER)}, file)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.passwords_file)


def major(programs: Path) -> int:
    """18 for `…/pginstall18`."""
    return int(re.sub(r"\D", "", programs.name) or 0)


def put_in_place(new: Path, final: Path) -> None:
    """Rename for good: also after a power cut."""
    new.rename(final)
    parent = os.open(final.parent, os.O_RDONLY)
    os.fsync(parent)
    os.close(parent)
