"""Processes of the embedded servers: as whom they run, when they end, and what their failures mean in one sentence."""

import errno
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHILD = Path(__file__).with_name("embedded_child.py")
LARGEST_LOG_BYTES = 10_000_000
LOG_BYTES_KEPT = 1_000_000


class EmbeddedServerError(Exception):
    """An embedded server cannot do what was asked; the message is one sentence that says what to do."""


@dataclass(frozen=True)
class Account:
    """The user a server runs as instead of us."""

    uid: int
    gid: int


def command_as(
    account: Account | None, end_signal: int, command: Sequence[str | Path], *, environment: str = "clean"
) -> list[str]:
    """The command line that runs `command` as this account and ends it by `end_signal` when we die.

    It gets a `clean` environment, or `keep`s ours.
    """
    # The signal comes when the starting *thread* ends, so only the main thread, which ends last, may ask for it.
    if threading.current_thread() is not threading.main_thread():
        end_signal = 0
    uid, gid = (account.uid, account.gid) if account else (-1, -1)
    start = [sys.executable, "-I", "-S", CHILD, os.getpid(), end_signal, uid, gid, environment]
    return [str(part) for part in (*start, *command)]


def run_as(
    account: Account | None, command: Sequence[str | Path], cwd: Path, stdin: IO[bytes] | int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    """Run a short command to its end as this account and keep what it says."""
    return subprocess.run(
        command_as(account, signal.SIGKILL, command),
        cwd=cwd,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        check=False,
    )


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn the operating system's refusals into a sentence about `folder`."""
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        sentences = {
            errno.ENOSPC: f"The disk that holds {folder} is full: free some space, then start again.",
            errno.EDQUOT: f"The disk quota for {folder} is used up: free some space, then start again.",
            errno.EROFS: f"{folder} is on a read-only disk: choose a folder that can be written to.",
            errno.EACCES: f"{where} belongs to another user: start as that user, or move {folder} away to begin anew.",
        }
        sentences[errno.EPERM] = sentences[errno.EACCES]
        default = f"The embedded server in {folder} could not start: {error}."
        raise EmbeddedServerError(sentences.get(error.errno or 0, default)) from error


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.02) -> bool:
    """Whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


def born(pid: int) -> str | None:
    """What tells this process from a later one with the same number; None when it is dead or we cannot know."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else fields[18]


def trim(log: Path) -> None:
    """Keep the end of a log that has grown too large; its writers append, so they go on at the new end."""
    if not log.exists() or log.stat().st_size <= LARGEST_LOG_BYTES:
        return
    with log.open("r+b") as file:
        file.seek(-LOG_BYTES_KEPT, os.SEEK_END)
        tail = file.read()
        file.seek(0)
        file.truncate()
        file.write(tail)
