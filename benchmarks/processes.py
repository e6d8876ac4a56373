"""What processes used, from /proc: CPU seconds and resident memory of a process and its children."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM, _RESIDENT = 1, 11, 12, 13, 14, 21


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process, its living children and those it has waited for."""
    own = _fields(pid)
    ticks = sum(own[at] for at in (_USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM)) if own else 0
    ticks += sum(child[_USER] + child[_SYSTEM] for child in map(_fields, children_of(pid)) if child)
    return ticks / _TICK


def resident_mib(pid: int) -> float:
    """Resident memory of one process in MiB, 0 when it is gone."""
    own = _fields(pid)
    return own[_RESIDENT] * _PAGE / 2**20 if own else 0.0


def children_of(pid: int) -> list[int]:
    """The process ids of the living children."""
    numbers = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return sorted(number for number in numbers if (fields := _fields(number)) and fields[_PARENT] == pid)


def _fields(pid: int) -> list[int]:
    """The fields of /proc/PID/stat after the name, the state as 0; empty when the process is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [0, *map(int, fields[1:])]
    return []
