"""How crowded the machine is: what takes long there may be as quick as ever."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def crowding(before: tuple[float, float, float], var: Path) -> float:
    """How many times longer than alone something took since `before`, for other programs used the processors too."""
    passed, busy, own = (now - then for now, then in zip(processor_seconds(var), before, strict=True))
    others = max(0.0, busy - own) / passed
    return 1 / (1 - min(others, 0.9))


def processor_seconds(var: Path) -> tuple[float, float, float]:
    """Of all processors together: the time that passed, what was used of it, and what this installation used."""
    user, nice, system, idle, waiting, *more = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    busy = user + nice + system + sum(more)
    own = 0
    for pid in processes_of(var):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            own += sum(map(int, fields[11:15]))  # its own and its ended children's
    ticks = os.sysconf("SC_CLK_TCK")
    return (busy + idle + waiting) / ticks, busy / ticks, own / ticks


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
