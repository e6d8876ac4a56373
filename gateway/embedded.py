"""Real PostgreSQL and Redis without any installation, for a first look and for tests.

Binaries come from wheels, the launching is ours: `embedded_server` keeps the folder and the process,
`embedded_postgres` and `embedded_redis` know their programs, `embedded_rights` is how it works when root starts it.
"""

from pathlib import Path
from typing import Self

from gateway.embedded_postgres import PostgresServer
from gateway.embedded_process import EmbeddedServerError
from gateway.embedded_redis import RedisServer

__all__ = ["EmbeddedServerError", "EmbeddedServers", "PostgresServer", "RedisServer"]


class EmbeddedServers:
    """Both servers in one folder, started and stopped together.

    Another process of the same user may read the addresses while they run, without starting anything.
    """

    def __init__(self, folder: Path, *, fast: bool = False) -> None:
        self.postgres = PostgresServer(folder / "postgres", fast=fast)
        self.redis = RedisServer(folder / "redis")

    def start(self) -> Self:
        """Start both, or neither: EmbeddedServerError says in one sentence what is in the way."""
        try:
            self.redis.start()
            self.postgres.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop both; what was written stays."""
        try:
            self.redis.stop()
        finally:
            self.postgres.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
