"""Emptying the tables between two tests, over one connection that is kept: a new one costs more than all it says."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from gateway.embedded import EmbeddedServers
from gateway.embedded_cluster import SUPERUSER

FOLDER_VARIABLE = "KOPRU_TEST_SERVERS"
Connection = psycopg.Connection[Any]

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


def empty_tables(url: str) -> None:
    """Empty every table that holds anything of one of the run's databases."""
    connection = kept(url)
    filled = connection.execute(_question(url)).fetchone() or ()
    if names := [name for name in filled if name]:
        connection.execute(";".join(f"DELETE FROM {name}" for name in names).encode())


@cache
def kept(url: str) -> Connection:
    """The superuser's own connection to that database: row security hides nothing from it, no trigger hinders it."""
    postgres = EmbeddedServers(Path(os.environ[FOLDER_VARIABLE])).postgres
    address = postgres.url_for(str(make_url(url).database), SUPERUSER)
    connection = psycopg.connect(address.replace("+psycopg", ""), autocommit=True)
    connection.execute("SET session_replication_role = replica")
    return connection


@cache
def _question(url: str) -> bytes:
    """One statement that answers the names of the tables that hold anything."""
    tables = [name for (name,) in kept(url).execute(_TABLES)]
    names = (f"CASE WHEN EXISTS (SELECT FROM {table}) THEN '{table}' END" for table in tables)
    return f"SELECT {', '.join(names)}".encode()
