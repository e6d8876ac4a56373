"""What processes used, from /proc: CPU seconds and resident memory of a process and its children."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROPORTIONAL = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
_PARENT, _USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM, _RESIDENT = 1, 11, 12, 13, 14, 21


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a process, its living descendants and those that were waited for."""
    family = (_fields(each) for each in family_of(pid))
    ticks = (sum(own[at] for at in (_USER, _SYSTEM, _CHILD_USER, _CHILD_SYSTEM)) for own in family if own)
    return sum(ticks) / _TICK


def resident_mib(pid: int) -> float:
    """Resident memory of one process in MiB, 0 when it is gone."""
    own = _fields(pid)
    return own[_RESIDENT] * _PAGE / 2**20 if own else 0.0


def footprint_mib(pid: int) -> float:
    """Memory of a process and its descendants in MiB, what several of them share counted once; 0 when it is gone."""
    return sum(map(_proportional_kib, family_of(pid))) / 1024


def family_of(pid: int) -> list[int]:
    """A process and its living descendants."""
    family = [pid]
    for each in family:
        family += children_of(each)
    return family


def children_of(pid: int) -> list[int]:
    """The process ids of the living children."""
    numbers = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return sorted(number for number in numbers if (fields := _fields(number)) and fields[_PARENT] == pid)


def _proportional_kib(pid: int) -> int:
    with suppress(OSError):
        told = _PROPORTIONAL.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
        return int(told[1]) if told else 0
    return 0


def _fields(pid: int) -> list[int]:
    """The fields of /proc/PID/stat after the name, the state as 0; empty when the process is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return [0, *map(int, fields[1:])]
    return []
