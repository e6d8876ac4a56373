"""The database's history: numbered steps, run by `kopru migrate`, one runner at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, exc, text

from gateway.errors import Unavailable

_LOCK_NUMBER = 7_305_000


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; a second runner waits for the first and then finds nothing to do.

    Raises Unavailable where no database answers.
    """
    with _connected(url) as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK_NUMBER})
        connection.execute(text("SET LOCAL kopru.channel = 'system'"))
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def present_revision(url: str) -> str | None:
    """The revision the database stands at, or None before the first; raises Unavailable where none answers."""
    with _connected(url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def latest_revision() -> str:
    """The newest revision this code knows."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    try:
        try:
            connection = engine.connect()
        except exc.OperationalError as error:
            raise Unavailable(f"The database does not answer: {' '.join(str(error.orig).split())}") from None
        with connection:
            yield connection
    finally:
        engine.dispose()
