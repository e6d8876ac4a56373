"""Keeping programs running: each in a session of its own, started again when it dies, ended with its children."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gateway.embedded import EmbeddedServers
from gateway.embedded_process import command_as

log = logging.getLogger(__name__)
STOP_SECONDS = 6.0  # with what the servers need after it, Ctrl-C ends everything within 10 s
_FIRST_PAUSE, _LONGEST_PAUSE, _SETTLED_SECONDS = 0.5, 30.0, 60.0
_MOST_LOG_BYTES = 10 * 1024 * 1024


@dataclass
class Program:
    """A program to keep running; `log` takes what it prints."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = _FIRST_PAUSE
    again_at: float = 0.0
    restarts: int = field(default=0)


class Supervisor:
    """Starts programs with one environment and watches them, and the servers they need where those are our own."""

    def __init__(self, environ: Mapping[str, str], servers: EmbeddedServers | None = None) -> None:
        self.environ = dict(environ)
        self.servers = servers
        self.programs: list[Program] = []

    def start(self, program: Program) -> None:
        """Start a program and watch it from now on."""
        self.programs.append(program)
        self._launch(program)

    def watch(self) -> list[Program]:
        """Start again whatever died, a program each time after a longer pause; answers those that are down now.

        Raises EmbeddedServerError when a server of our own died and cannot be brought back.
        """
        if self.servers is not None:
            self.servers.start()
        down = []
        for program in self.programs:
            process = program.process
            if process is not None and process.poll() is None:
                if time.monotonic() - program.started > _SETTLED_SECONDS:
                    program.pause = _FIRST_PAUSE
                _trim(program.log)
                continue
            if process is not None:
                log.warning("program_died", extra={"program": program.name, "status": process.returncode})
                _end_group(process, signal.SIGKILL)  # its children must not go on without it
                program.process, program.again_at = None, time.monotonic() + program.pause
                program.pause = min(program.pause * 2, _LONGEST_PAUSE)
                program.restarts += 1
            if time.monotonic() >= program.again_at:
                self._launch(program)
            else:
                down.append(program)
        return down

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask every program to end, and end those that have not after so many seconds, with all their children."""
        running = [program.process for program in self.programs if program.process is not None]
        for process in running:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.05, deadline - time.monotonic()))
            _end_group(process, signal.SIGKILL)
            process.wait()
        self.programs.clear()

    def _launch(self, program: Program) -> None:
        program.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with program.log.open("ab") as output:
            program.process = subprocess.Popen(
                command_as(None, signal.SIGTERM, program.command, environment="keep"),
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        program.started = time.monotonic()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(number)


def _end_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _trim(log_file: Path) -> None:
    with suppress(OSError):
        if log_file.stat().st_size > _MOST_LOG_BYTES:
            os.truncate(log_file, 0)
