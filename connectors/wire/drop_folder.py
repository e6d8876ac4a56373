"""A folder on this machine. Every step is taken from an open directory and follows no symbolic link.

Whoever drops files may also plant links, or swap a folder for one at any moment: no name is ever resolved twice.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from connectors.errors import ConnectorError
from connectors.http import Gate
from connectors.wire.drop_places import MOST_FILES, PART, Entry, FileMoved, check_name, through

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Folder:
    """The place below `path`, which must lie in, or be, one of the `allowed` folders; the error is permanent."""

    def __init__(self, path: str, allowed: Sequence[Path], gate: Gate) -> None:
        self._gate = gate
        self._root = _open_below(path, allowed)

    def list(self, folder: str) -> list[Entry]:
        """Regular files only: no folders, pipes or links."""
        with through(self._gate, "LIST", folder or "."):
            try:
                with self._open(folder) as here, os.scandir(here) as found:
                    entries = [each for item in found if (each := _entry(item)) is not None]
            except FileNotFoundError:
                return []
        if len(entries) > MOST_FILES:
            raise ConnectorError(f"The folder holds more than {MOST_FILES} files: archive some.", permanent=True)
        return entries

    def fetch(self, folder: str, entry: Entry, into: BinaryIO) -> None:
        """Copy the file that was listed, and no other that came under its name."""
        with through(self._gate, "GET", entry.name) as moved, self._open(folder) as here:
            try:
                source = os.open(entry.name, _FILE, dir_fd=here)
            except FileNotFoundError:
                raise FileMoved(entry.name) from None
            with os.fdopen(source, "rb") as file:
                if _as_entry(entry.name, os.fstat(source)) != entry:
                    raise FileMoved(entry.name)
                shutil.copyfileobj(file, into, 1 << 20)
                moved.received = into.tell()
                if _as_entry(entry.name, os.fstat(source)) != entry or into.tell() != entry.size:
                    raise FileMoved(entry.name)

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Write beside the name, flush to the disk, then rename."""
        with through(self._gate, "PUT", name) as moved, self._open(folder, make=True) as here:
            with suppress(FileNotFoundError):
                os.unlink(name + PART, dir_fd=here)
            with os.fdopen(os.open(name + PART, _NEW, 0o640, dir_fd=here), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(name + PART, name, src_dir_fd=here, dst_dir_fd=here)
            os.fsync(here)
            moved.sent = len(data)

    def move(self, folder: str, name: str, to_folder: str, to_name: str) -> None:
        """Rename within the place."""
        with (
            through(self._gate, "MOVE", name),
            self._open(folder) as here,
            self._open(to_folder, make=True) as there,
            suppress(FileNotFoundError),
        ):
            os.rename(name, to_name, src_dir_fd=here, dst_dir_fd=there)

    def close(self) -> None:
        """Close the root; a second time does nothing."""
        root, self._root = self._root, -1
        if root >= 0:
            os.close(root)

    @contextmanager
    def _open(self, folder: str, make: bool = False) -> Iterator[int]:
        here = os.dup(self._root)
        try:
            for name in filter(None, folder.split("/")):
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(name, 0o750, dir_fd=here)
                here = _step(here, name)
            yield here
        finally:
            os.close(here)


def _open_below(path: str, allowed: Sequence[Path]) -> int:
    wanted = Path(path)
    for parent in allowed:
        if wanted.is_absolute() and ".." not in wanted.parts and wanted.is_relative_to(parent):
            return _walk(parent, wanted.relative_to(parent).parts)
    told = "lies in none of the folders that the operator opened to links (KOPRU_DROP_FOLDERS)"
    raise ConnectorError(f"The folder {path} {told}.", permanent=True)


def _walk(parent: Path, parts: Sequence[str]) -> int:
    """From the operator's own folder, however that is reached, down without following a link."""
    here = -1
    try:
        here = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for name in parts:
            here = _step(here, name)
    except OSError as error:
        if here >= 0:
            os.close(here)
        where = "/".join((str(parent), *parts))
        raise ConnectorError(f"The folder {where} cannot be opened: {error.strerror}.", permanent=True) from None
    return here


def _step(here: int, name: str) -> int:
    """The folder below; the one above is closed, whatever happens, unless opening failed and its owner closes it."""
    below = os.open(name, _FOLDER, dir_fd=here)
    os.close(here)
    return below


def _entry(item: os.DirEntry[str]) -> Entry | None:
    try:
        check_name(item.name)
        return _as_entry(item.name, item.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None


def _as_entry(name: str, found: os.stat_result) -> Entry | None:
    return Entry(name, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None
