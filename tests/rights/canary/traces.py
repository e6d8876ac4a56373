"""Looking for a person: every column of every table, every key of Redis, files and log, in every form of every word."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import psycopg

from gateway import idempotency, queue
from gateway.channels import Caller
from gateway.db import transaction
from gateway.turkish import fold
from tests.emptying import kept

Found = set[tuple[str, str]]
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"


def forms(word: str) -> set[bytes]:
    """A word plain, folded, escaped, backwards, as hex and as base64 at each of its three places."""
    spelt = {word, word.lower(), word.upper(), fold(word), word.replace(" ", "")}
    plain = {form.encode() for form in spelt | {json.dumps(each)[1:-1] for each in spelt}}
    coded = {raw.hex().encode() for raw in plain} | {form for raw in plain for form in _in_base64(raw)}
    return plain | coded | {each[::-1].encode() for each in spelt}


def _in_base64(raw: bytes) -> Iterator[bytes]:
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        yield coded[4 if shift else 0 : len(coded) - 4]


def in_database(url: str, words: Iterable[str]) -> Found:
    """(table, word) for each word that any row of a table holds in any form."""
    found: Found = set()
    connection = kept(url)
    wanted = {word: forms(word) for word in words}
    for (table,) in connection.execute(_TABLES).fetchall():
        content = b"\n".join(_opened(value) for row in _rows(connection, table) for value in row)
        found |= {(table, word) for word, spelt in wanted.items() if any(form in content for form in spelt)}
    return found | _in_sealed_answers(wanted)


def in_redis(words: Iterable[str]) -> Found:
    """(key, word) for each word in any key of Redis or its value, as Redis itself dumps it."""
    server = queue.redis()
    dumped = {key: key + (server.dump(key) or b"") for key in server.keys("*")}
    return {(str(key), word) for word in words for key, raw in dumped.items() if any(f in raw for f in forms(word))}


def in_files(folder: Path, words: Iterable[str]) -> Found:
    """(file, word) for each word in any file below a folder."""
    files = {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {(name, word) for word in words for name, raw in files.items() if any(f in raw for f in forms(word))}


def _rows(connection: psycopg.Connection[Any], table: str) -> Iterator[tuple[Any, ...]]:
    yield from connection.execute(f"SELECT * FROM {table}".encode())


def _opened(value: Any) -> bytes:
    """A value as bytes; what is packed is opened."""
    if not isinstance(value, bytes):
        return json.dumps(value, ensure_ascii=False, default=str).encode() if value is not None else b""
    try:
        raw = zlib.decompress(value)
    except zlib.error:
        return value
    try:
        with ZipFile(BytesIO(raw)) as workbook:
            return b"\n".join(map(workbook.read, workbook.namelist()))
    except BadZipFile:
        return raw


def _in_sealed_answers(wanted: dict[str, set[bytes]]) -> Found:
    with transaction(Caller.system("test")) as tx:
        bodies = b"\n".join(answer.body for _, answer in idempotency.kept(tx))
    return {("idempotency_keys", word) for word, spelt in wanted.items() if any(form in bodies for form in spelt)}
