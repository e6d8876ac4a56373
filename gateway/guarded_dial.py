"""What connectors reach besides HTTP: SFTP servers that the guard has judged, and folders that the operator opened."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

from gateway import guarded
from gateway.guarded import Deadline, Target, Unresolvable

_folders: tuple[Path, ...] = ()


def dial(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to an SFTP server at a judged address; raises AddressRefused, TimeoutError or another OSError."""
    target = Target("sftp", host.strip("[]").rstrip("."), port, "/")
    try:
        return guarded.guard().dial(target, Deadline(seconds))
    except Unresolvable as error:
        raise OSError(errno.EHOSTUNREACH, str(error)) from None


def open_folders(folders: tuple[Path, ...]) -> None:
    """Let links of this process read and write files below these folders; without it there are none."""
    global _folders
    _folders = folders


def folders() -> tuple[Path, ...]:
    """The folders that are open to links in this process."""
    return _folders
