"""The floor of a pull: one HTTP client, COPY to a staging table, one INSERT … ON CONFLICT. It checks and tells nothing.

`python -m benchmarks.floor.pull ADDRESS`, the database in DATABASE_URL; prints the seconds it took, without its start.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import orjson
import psycopg
import requests

_TYPES = {
    "external_id": "text", "kind": "text", "given_name": "text", "family_name": "text", "birth_date": "date",
    "status": "text", "locale": "text", "contact_points": "jsonb", "identifiers": "jsonb", "attributes": "jsonb",
    "updated_at": "timestamptz", "version": "text",
}  # fmt: skip
_NAMES = ", ".join(_TYPES)
_COLUMNS = ", ".join(f"{name} {kind}" for name, kind in _TYPES.items())
_JSON = frozenset({"contact_points", "identifiers", "attributes"})
_STAGE = f"CREATE TEMP TABLE stage ({_COLUMNS}) ON COMMIT DROP"
_CREATE = f"CREATE TABLE IF NOT EXISTS pulled ({_COLUMNS}, PRIMARY KEY (external_id))"
_MERGE = (
    f"INSERT INTO pulled ({_NAMES}) SELECT {_NAMES} FROM stage ON CONFLICT (external_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _TYPES if name != "external_id")
)


def pull(address: str, connection: psycopg.Connection[Any]) -> None:
    """Everything the list at `address` holds, in one transaction."""
    connection.execute(_CREATE.encode())
    connection.execute(_STAGE.encode())
    with connection.cursor().copy(f"COPY stage ({_NAMES}) FROM STDIN".encode()) as copy:
        for record in _records(address):
            copy.write_row([orjson.dumps(value).decode() if name in _JSON else value for name, value in record.items()])
    connection.execute(_MERGE.encode())
    connection.commit()


def _records(address: str) -> Iterator[dict[str, Any]]:
    with requests.Session() as session:
        following: str | None = ""
        while following is not None:
            body = orjson.loads(session.get(f"{address}?cursor={following}" if following else address).content)
            following = body["next"]
            yield from body["items"]


def main() -> None:
    """Pull and tell how long it took."""
    with psycopg.connect(os.environ["DATABASE_URL"].replace("+psycopg", "")) as connection:
        began = time.monotonic()
        pull(sys.argv[1], connection)
        print(time.monotonic() - began)


if __name__ == "__main__":
    main()
