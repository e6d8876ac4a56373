"""One server on one data folder: locked, logged, reached through a private socket, stopped with its starter."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import IO, ClassVar, Self

from gateway.embedded_process import (
    Account,
    EmbeddedServerError,
    born,
    command_as,
    explained,
    trim,
    wait_until,
)

# A socket's address has room for 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 100


def is_plain(socket: Path) -> bool:
    """Whether a client can name it: short enough, no comma (libpq reads a list), nothing that a URL must escape."""
    return len(str(socket)) < LONGEST_SOCKET_PATH and re.fullmatch(r"[A-Za-z0-9_./-]+", str(socket)) is not None


def is_ours(folder: Path) -> bool:
    """Whether only we can have put something there."""
    return folder.is_dir() and folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o077


class EmbeddedServer(ABC):
    """A server program we start, watch and stop. Use it as a context manager, or call `start` and `stop`."""

    title: ClassVar[str]
    socket_name: ClassVar[str]
    # Asks for a stop that keeps all data and waits for no client.
    stop_signal: ClassVar[int]
    stop_seconds: ClassVar[float] = 7.0
    start_seconds: ClassVar[float] = 300.0
    account: Account | None = None

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = Path(data_dir).absolute()
        self.log = self.data_dir / "server.log"
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = os.getpid()
        self._stopping = threading.Event()

    # --- what each server says for itself

    @abstractmethod
    def _prepare(self) -> None:
        """Bring the data folder into a state the program accepts."""

    @abstractmethod
    def _command(self) -> list[str | Path]:
        """The program and its arguments; it runs inside `_home`."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether a real connection works."""

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect."""

    def _explain(self, output: str) -> str:
        """One sentence for a program that ended with this output."""
        for pattern, sentence in self._sentences().items():
            if re.search(pattern, output):
                return sentence
        lines = [line for line in output.strip().splitlines() if "FATAL" in line or "error" in line.lower()]
        reason = (lines or output.strip().splitlines() or ["it said nothing"])[-1]
        return f"{self.title} did not start ({reason.strip()}); the whole story is in {self.log}."

    def _sentences(self) -> Mapping[str, str]:
        return {
            "No space left on device|[Dd]isk quota exceeded": (
                f"The disk that holds {self.data_dir} is full: free some space, then start again."
            ),
            "Cannot allocate memory|could not map anonymous": f"There is too little free memory to start {self.title}.",
            "[Cc]ould not bind|could not create any Unix-domain|Opening Unix socket": (
                f"{self.title} cannot open its socket in {self._home}: another server holds it, or that disk keeps no"
                " sockets; stop the other one or choose another folder."
            ),
            "could not run ": (
                f"The {self.title} that came with the installation does not run on this machine: install"
                f" {self.title} yourself and set its address."
            ),
        }

    @property
    def _home(self) -> Path:
        """The folder the program runs in, where it puts its socket."""
        return self.data_dir

    # --- life

    def start(self) -> Self:
        """Start and wait until it answers; EmbeddedServerError says in one sentence why it cannot."""
        if self.is_running:
            return self
        self._starter = os.getpid()
        try:
            with explained(self.data_dir):
                self._take_lock()
                self._end_orphan()
                self._prepare()
                self._launch()
                self._await_answer()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop it and let go of the folder; a second stop, and one in a forked child, does nothing."""
        if os.getpid() != self._starter:
            return
        self._end_process()
        self._clean()
        if self._lock:
            self._lock.close()
            self._lock = None

    def restart(self) -> Self:
        """Stop and start on the same folder, under the same address."""
        self._end_process()
        return self.start()

    def kill(self) -> None:
        """End the main process as a power cut would (kill -9). `start` brings it back."""
        if not self._process:
            raise EmbeddedServerError(
                f"{self.title} in {self.data_dir} was not started here, so it is not killed here."
            )
        self._process.kill()
        self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether the process we started lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The main process we started, if any."""
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- the folder

    def _take_lock(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.data_dir.stat().st_mode & 0o077:
            self.data_dir.chmod(0o700)
        if self._lock:
            return
        lock = (self.data_dir / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise EmbeddedServerError(
                f"Another start (process {holder}) holds {self.data_dir}: use that one, or stop it first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _end_orphan(self) -> None:
        """End a server whose starter was killed: nobody else can hold the folder while we have its lock."""
        try:
            number, birth = (self.data_dir / "pid").read_text().split()
        except (OSError, ValueError):
            return
        pid = int(number)
        for patience, ending in ((self.stop_seconds, self.stop_signal), (5.0, signal.SIGKILL)):
            if born(pid) != birth:
                return
            os.kill(pid, ending)
            wait_until(lambda: born(pid) != birth, patience)

    # --- the process

    def _launch(self) -> None:
        trim(self.log)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = subprocess.Popen(
                command_as(self.account, self.stop_signal, self._command()),
                cwd=self._home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal reaches us, and we stop the server in our own order.
                start_new_session=True,
            )
        (self.data_dir / "pid").write_text(f"{self._process.pid} {born(self._process.pid)}")
        self._stopping.clear()
        threading.Thread(target=self._keep_log_small, name=f"{self.title} log", daemon=True).start()

    def _await_answer(self) -> None:
        if not wait_until(lambda: not self.is_running or self._answers(), self.start_seconds):
            raise EmbeddedServerError(f"{self.title} runs but does not answer; what it says is in {self.log}.")
        if not self.is_running:
            raise EmbeddedServerError(self._explain(self._said()))

    def _said(self) -> str:
        """What the program wrote to its log since it was launched."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read(200_000).decode(errors="replace")

    def _keep_log_small(self) -> None:
        while not self._stopping.wait(30):
            trim(self.log)

    def _end_process(self) -> None:
        self._stopping.set()
        process, self._process = self._process, None
        if process is None:
            return
        for ending in (self.stop_signal, signal.SIGKILL):
            if process.poll() is None:
                process.send_signal(ending)
            try:
                process.wait(self.stop_seconds)
                break
            except subprocess.TimeoutExpired:
                continue
        (self.data_dir / "pid").unlink(missing_ok=True)

    # --- the socket

    @property
    def socket_folder(self) -> Path:
        """The folder in which clients find the socket."""
        if is_plain(self._home / self.socket_name):
            return self._home
        record = self.data_dir / "socket-folder"
        if not record.exists():
            raise EmbeddedServerError(f"{self.title} in {self.data_dir} is not running: start it first.")
        return Path(record.read_text())

    def _shorten_socket(self) -> None:
        """Give a socket that clients could not name a link in a short folder of our own, the same after a kill."""
        socket, record = self._home / self.socket_name, self.data_dir / "socket-folder"
        if record.exists():
            folder = Path(record.read_text())
            if is_ours(folder) and (folder / self.socket_name).resolve() == socket.resolve():
                return
            self._forget_short_socket()
        if is_plain(socket):
            return
        roots = [root for root in (tempfile.gettempdir(), "/tmp", "/dev/shm") if len(root) < 60]  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix="kopru-", dir=roots[0]))
        (folder / self.socket_name).symlink_to(socket)
        record.write_text(str(folder))

    def _forget_short_socket(self) -> None:
        record = self.data_dir / "socket-folder"
        if record.exists():
            shutil.rmtree(record.read_text(), ignore_errors=True)
            record.unlink()

    def _clean(self) -> None:
        """Remove what only a running server needs."""
        if self._lock:
            self._forget_short_socket()
