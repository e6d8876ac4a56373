"""A pytest plugin: one real PostgreSQL and one real Redis for the whole run, a database of its own for each worker.

The servers live in a process of their own (`python -m tests.servers FOLDER`). It starts them when a test first asks and
stops them when its standard input ends: at the end of the run, and also when the run is killed.
"""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from gateway.embedded import EmbeddedServerError, EmbeddedServers, PostgresServer, RedisServer
from tests.emptying import FOLDER_VARIABLE

START_SECONDS = 60.0


class Host:
    """The process that owns the servers, seen from the run that started it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kopru-tests-"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.servers", str(self.folder)],
            stdin=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
            start_new_session=True,
        )

    def stop(self) -> None:
        """End the servers; their host removes what they wrote."""
        self.process.communicate()


def serve(folder: Path) -> None:
    """Wait for the first wish, start, and remove everything when the run is over."""
    try:
        while not (folder / "wanted").exists():
            if is_over(0.05):
                return
        with EmbeddedServers(folder, fast=True):
            (folder / "ready").touch()
            is_over(None)
    except EmbeddedServerError as error:
        (folder / "failed.new").write_text(str(error))
        (folder / "failed.new").rename(folder / "failed")
        is_over(None)
    finally:
        shutil.rmtree(folder)


def is_over(seconds: float | None) -> bool:
    """Whether standard input ended within so many seconds."""
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def running_servers() -> EmbeddedServers:
    """The run's servers, started by whoever asks first."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    (folder / "wanted").touch()
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "ready").exists():
        if (folder / "failed").exists():
            pytest.exit((folder / "failed").read_text(), returncode=3)
        if time.monotonic() > deadline:
            pytest.exit(f"The test servers did not start within {START_SECONDS:.0f} s", returncode=3)
        time.sleep(0.02)
    return EmbeddedServers(folder, fast=True)


def pytest_configure(config: pytest.Config) -> None:
    """Start the host once, in the process that outlives all workers."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    host = Host()
    os.environ[FOLDER_VARIABLE] = str(host.folder)
    config.add_cleanup(host.stop)


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    """`gw0`, `gw1`, … or `gw0` without xdist."""
    workerinput: dict[str, str] = getattr(request.config, "workerinput", {})
    return workerinput.get("workerid", "gw0")


@pytest.fixture(scope="session")
def servers() -> EmbeddedServers:
    """Both servers, shared by all workers: make databases there, but kill and restart only servers of your own."""
    return running_servers()


@pytest.fixture(scope="session")
def postgres(servers: EmbeddedServers) -> PostgresServer:
    """The run's PostgreSQL."""
    return servers.postgres


@pytest.fixture(scope="session")
def redis_server(servers: EmbeddedServers) -> RedisServer:
    """The run's Redis."""
    return servers.redis


@pytest.fixture(scope="session")
def database_url(postgres: PostgresServer, worker: str) -> Iterator[str]:
    """An empty database of this worker's own, owned by the role `kopru`."""
    name = f"kopru_{worker}"
    postgres.drop_database(name)
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture(scope="session")
def redis_url(redis_server: RedisServer, worker: str) -> str:
    """A numbered Redis database of this worker's own, empty at first; FLUSHALL would empty the others' too."""
    url = redis_server.url_for(1 + int(worker.removeprefix("gw")))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
