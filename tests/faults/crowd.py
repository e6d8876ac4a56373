"""How crowded the machine is: what takes long there may be as quick as ever."""

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from pathlib import Path

_MOST_OTHERS = 0.9  # whoever has less than a tenth of the machine proves nothing


class Clock:
    """The seconds since it was made, and how many they were had an installation the processors to itself."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._began, self._before = time.monotonic(), processor_seconds(var)

    def seconds(self) -> float:
        """As everybody counts them."""
        return time.monotonic() - self._began

    def alone(self) -> float:
        """Without those in which others used the processors."""
        passed, busy, own = (now - then for now, then in zip(processor_seconds(self._var), self._before, strict=True))
        others = (busy - max(own, 0.0)) / passed
        return self.seconds() * (1 - min(max(others, 0.0), _MOST_OTHERS))


def processor_seconds(var: Path) -> tuple[float, float, float]:
    """Of all processors together: the time that passed, what was used of it, and what this installation used."""
    user, nice, system, idle, waiting, *more = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    busy = user + nice + system + sum(more)
    own = 0
    for pid in processes_of(var):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            own += sum(map(int, fields[11:15]))  # its own and its ended children's
    ticks, ended = os.sysconf("SC_CLK_TCK"), resource.getrusage(resource.RUSAGE_CHILDREN)
    return (busy + idle + waiting) / ticks, busy / ticks, own / ticks + ended.ru_utime + ended.ru_stime


def processes_of(var: Path) -> list[int]:
    """Every living process of an installation: by its environment, or, the servers', by where it works."""
    mark = f"KOPRU_VAR={var}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_ours = mark in (process / "environ").read_bytes().split(b"\0")
            is_ours = is_ours or (process / "cwd").readlink().is_relative_to(var)
            if is_ours and (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append(int(process.name))
    return found
