"""Where files are dropped: a folder on this machine or on an SFTP server, behind one small interface."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from connectors.errors import ConnectorError
from connectors.http import Exchange, Gate

MOST_FILES = 20_000
PART = ".part"
UNNAMEABLE = "The folder holds a file whose name is not UTF-8: rename it."


@dataclass(frozen=True, slots=True)
class Entry:
    """A file as its place lists it; `mtime` counts seconds or nanoseconds and is only ever compared."""

    name: str
    size: int
    mtime: int


class Place(Protocol):
    """A tree of folders; `folder` is relative to its root, "" the root itself. Everything may raise ConnectorError."""

    def list(self, folder: str) -> list[Entry]:
        """The regular files of a folder; none where it does not exist."""

    def fetch(self, folder: str, entry: Entry, into: BinaryIO) -> None:
        """Copy a whole file; raises FileMoved when it is not, or no longer, the one that was listed."""

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Write a file that appears whole under its name, in place of one that has it; the folder is made."""

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Rename a file, or do nothing when it is gone; the folder is made."""

    def close(self) -> None:
        """Let go of everything."""


def check_name(name: str) -> None:
    """Refuse a file name that is no text, for nothing could be told of it; the ConnectorError is permanent."""
    try:
        name.encode()
    except UnicodeEncodeError:
        raise ConnectorError(UNNAMEABLE, permanent=True) from None


class FileMoved(ConnectorError):
    """The file changed, grew or went away while it was read."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} changed while it was being read; it is read again next time.")


@dataclass(slots=True)
class Moved:
    """The bytes that one operation moved."""

    sent: int = 0
    received: int = 0


@contextmanager
def through(gate: Gate, verb: str, path: str) -> Iterator[Moved]:
    """Pass the gate with one operation; every OSError becomes a ConnectorError.

    The gate hears how it went in the words of HTTP, which it knows: 200, 403 for a refusal, none for a failure.
    """
    gate.enter()
    began, moved, status, error = time.monotonic(), Moved(), None, "The operation was broken off on our side."
    try:
        yield moved
        status, error = 200, ""
    except ConnectorError as failure:
        status, error = _heard(failure)
        raise
    except OSError as failure:
        told = _told(verb, path, failure)
        status, error = _heard(told)
        raise told from None
    finally:
        seconds = time.monotonic() - began
        gate.leave(Exchange(verb, path, status, error or None, seconds, moved.sent, moved.received))


def _heard(failure: ConnectorError) -> tuple[int | None, str]:
    return (403 if failure.permanent or isinstance(failure, FileMoved) else None), failure.message


def _told(verb: str, path: str, failure: OSError) -> ConnectorError:
    if isinstance(failure, PermissionError):
        return ConnectorError(f"{verb} {path}: permission denied.", permanent=True)
    if isinstance(failure, FileNotFoundError | NotADirectoryError):
        return ConnectorError(f"{verb} {path}: there is no such file or folder.")
    return ConnectorError(f"{verb} {path} failed: {failure.strerror or type(failure).__name__}.")
