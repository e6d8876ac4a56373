"""How PostgreSQL, which refuses to run as root, runs when root starts it in a folder that only root may enter.

It runs under a user id of its own that no account has, so that no other program shares its rights, and that id must
reach three things without one folder on the way being opened to it:

- the data: the child enters the folder while still root and names it `/proc/self/cwd`, which the kernel resolves
  without walking the path; without /proc the data lies in a folder under /var/lib, with a link in its place;
- the socket: made in that same working directory, so its name is short and the folder's 0700 guards it;
- the programs: PostgreSQL finds its libraries from its real path, which must therefore be open: if it is not, a copy
  owned by root serves while the server runs. Programs hold no secret; the data never leaves its folder.

Neither mount nor user namespaces are needed: containers commonly forbid them.
"""

import fcntl
import grp
import os
import pwd
import shutil
import tempfile
import zlib
from pathlib import Path

from gateway.embedded_process import Account, EmbeddedServerError, run_as

# Free on every distribution: between the ranges systemd gives to containers and to dynamic users.
FIRST_PRIVATE_ID, PRIVATE_IDS = 60600, 400
WORKING_DIRECTORY = "/proc/self/cwd"
PROGRAM_FOLDERS = ("/var/tmp", "/tmp", "/dev/shm", "/run")  # noqa: S108
OUTSIDE = Path("/var/lib")


def is_root() -> bool:
    """Whether PostgreSQL would refuse to run as we are."""
    return os.geteuid() == 0


def named_account() -> Account:
    """An existing unprivileged account: initdb insists on a user that has a name."""
    known = {user.pw_name: user for user in pwd.getpwall() if user.pw_uid and user.pw_gid}
    user = known.get("nobody") or next(iter(known.values()), None)
    if user is None:
        raise EmbeddedServerError(
            "PostgreSQL does not run as root and this machine has no other user: add one (useradd kopru) or set"
            " DATABASE_URL."
        )
    return Account(user.pw_uid, user.pw_gid)


def private_account(folder: Path) -> Account:
    """The id that owns this data folder, or a free one that the folder's path decides."""
    if folder.exists() and (owner := folder.stat()).st_uid:
        return Account(owner.st_uid, owner.st_gid)
    taken = {user.pw_uid for user in pwd.getpwall()} | {group.gr_gid for group in grp.getgrall()}
    offset = zlib.crc32(os.fsencode(folder))
    ids = (FIRST_PRIVATE_ID + (offset + step) % PRIVATE_IDS for step in range(PRIVATE_IDS))
    number = next(number for number in ids if number not in taken)
    return Account(number, number)


def check_may_become(account: Account) -> None:
    """Refuse a root that is root by name only: in a namespace of one id, or without the right to change it."""
    if run_as(account, ["/bin/sh", "-c", ":"], Path("/")).returncode:
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and this root may not become user {account.uid}: start as an ordinary"
            " user, or set DATABASE_URL."
        )


def give(folder: Path, account: Account) -> None:
    """Make this folder and all in it the account's."""
    os.chown(folder, account.uid, account.gid)
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(parent, name), account.uid, account.gid, follow_symlinks=False)


def sees_working_directory(account: Account, folder: Path) -> bool:
    """Whether a child that was put into `folder` can name it without walking its path."""
    script = f"cd {WORKING_DIRECTORY}/ && test -w {WORKING_DIRECTORY}/"
    return run_as(account, ["/bin/sh", "-c", script], folder).returncode == 0


def outside_folder(token: str) -> Path:
    """Where the data lies on a machine without /proc; in no temporary folder, which others tidy up."""
    return OUTSIDE / token


def runs(programs: Path, account: Account | None) -> bool:
    """Whether this account can run the programs where they are."""
    return run_as(account, [programs / "bin" / "postgres", "--version"], Path("/")).returncode == 0


class ProgramCopy:
    """A copy of the programs for an id that cannot reach them; `record` remembers it should we be killed."""

    def __init__(self, record: Path) -> None:
        self.record = record
        self._guard: int | None = None

    def make(self, programs: Path, account: Account) -> Path:
        """Copy to the first folder from which this account can run them."""
        self.remove()
        for root in filter(os.path.isdir, PROGRAM_FOLDERS):
            copy = self._copy(programs, Path(root))
            if copy and runs(copy, account):
                return copy
            self.remove()
        raise EmbeddedServerError(
            f"PostgreSQL does not run as root, and no other user can run it from {programs} nor from"
            f" {', '.join(PROGRAM_FOLDERS)}: start as an ordinary user, or set DATABASE_URL."
        )

    def remove(self) -> None:
        """Delete the copy, also one that a killed start left behind."""
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None
        if self.record.exists():
            shutil.rmtree(self.record.read_text(), ignore_errors=True)
            self.record.unlink()

    def _copy(self, programs: Path, root: Path) -> Path | None:
        try:
            folder = Path(tempfile.mkdtemp(prefix="kopru-postgres-", dir=root))
            self.record.write_text(str(folder))
            # systemd-tmpfiles leaves a locked folder alone, however old its files are.
            self._guard = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._guard, fcntl.LOCK_SH)
            return copy_programs(programs, folder)
        except OSError:
            return None


def copy_programs(programs: Path, folder: Path) -> Path:
    """Copy what a running server needs, about 20 MB, readable by all and writable by us alone."""
    wheel = programs.parent
    copy = folder / wheel.name / programs.name
    for name in ("lib/postgresql", "share/postgresql"):
        unneeded = shutil.ignore_patterns("pgxs", "*.a")
        shutil.copytree(programs / name, copy / name, copy_function=shutil.copyfile, ignore=unneeded)
    (copy / "bin").mkdir()
    for name in ("postgres", "initdb"):
        shutil.copyfile(programs / "bin" / name, copy / "bin" / name)
    bundled = wheel.with_name(f"{wheel.name}.libs")
    if bundled.is_dir():
        shutil.copytree(bundled, folder / bundled.name, copy_function=shutil.copyfile)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    return copy
