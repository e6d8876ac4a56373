"""Programs that do one thing and say themselves how many seconds it took them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from benchmarks.processes import cpu_seconds
from benchmarks.stage import Stage
from benchmarks.sync_stage import Turn


def time_program(stage: Stage, command: Sequence[str], environ: Mapping[str, str]) -> Turn:
    """Run it to its end; its CPU includes its start, its seconds do not. Raises RuntimeError when it fails."""
    own, postgres = _used(), cpu_seconds(stage.postgres_pid)
    done = subprocess.run(
        command, env=environ, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed: {(done.stdout + done.stderr)[-2000:]}")
    return Turn(float(done.stdout.split()[-1]), _used() - own, cpu_seconds(stage.postgres_pid) - postgres)


def _used() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
