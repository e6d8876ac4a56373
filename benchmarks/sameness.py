"""Proof, before anything is measured, that product and floor do the same: the same JSON, the same statements."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.load import Wanted, ask
from benchmarks.stage import Database, Stage
from benchmarks.web import WebServer

Without = Callable[[Any], Any]
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[(\d+)\] LOG: +(?:execute [^:]+|statement): ", re.MULTILINE)
# What a process reads again every few seconds, whoever asks and for whatever.
_BY_THE_WAY = "FROM attribute_definitions"
_NEXT_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] ", re.MULTILINE)
_FLUSH_SECONDS = 0.3
# Enough new connections for every worker to have met every caller, whom it looks up once.
_WARM_UPS = 12


class NotTheSame(AssertionError):
    """Product and floor differ, so comparing their speed would say nothing."""


@contextmanager
def statements_logged(database: Database) -> Iterator[None]:
    """Have connections made in the meantime log every statement."""
    alter = sql.SQL("ALTER ROLE kopru IN DATABASE {} {}")
    name = sql.Identifier(database.name)
    with psycopg.connect(database.admin_url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(alter.format(name, sql.SQL("SET log_statement = 'all'")))
        try:
            yield
        finally:
            admin.execute(alter.format(name, sql.SQL("RESET log_statement")))


def check(
    stage: Stage, ours: WebServer, floor: WebServer, wanted: Sequence[Wanted], marked: str, without: Without
) -> None:
    """Send both the same requests; raises NotTheSame.

    `marked` is a piece of SQL that only the transactions of these requests hold; `without` takes out of an answer
    what has to differ, such as new ids.
    """
    for each in wanted:
        for server in (ours, floor) * _WARM_UPS:
            _answer(server, each, without)
        answers, transactions = [], []
        for server in (ours, floor):
            mark = stage.servers.postgres.log.stat().st_size
            answers.append(_answer(server, each, without))
            time.sleep(_FLUSH_SECONDS)
            transactions.append(_transactions(stage.servers.postgres.log, mark, marked))
        _compare(each, "answers", *answers)
        _compare(each, "statements", *transactions)


def _answer(server: WebServer, wanted: Wanted, without: Without) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        status, body = ask(connection, wanted)
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTheSame(f"{server.name} answers {wanted.method} {wanted.path} with {status}: {body[:500]!r}")
    return status, without(json.loads(body))


def _transactions(log: Path, mark: int, marked: str) -> list[list[str]]:
    """Statements of each transaction since `mark` that holds `marked`, in order."""
    with log.open("rb") as file:
        file.seek(mark)
        text = file.read().decode(errors="replace")
    open_now: dict[str, list[str]] = {}
    found = []
    for entry in _ENTRY.finditer(text):
        end = _NEXT_ENTRY.search(text, entry.end())
        statement = " ".join(text[entry.end() : end.start() if end else len(text)].split())
        if statement.startswith("BEGIN"):
            open_now[entry[1]] = []
        if _BY_THE_WAY not in statement:
            open_now.setdefault(entry[1], []).append(statement)
        if statement.endswith("COMMIT"):
            done = open_now.pop(entry[1])
            if any(marked in each for each in done):
                found.append(done)
    return found


def _compare(wanted: Wanted, what: str, ours: Any, floor: Any) -> None:
    if ours != floor or not ours:
        raise NotTheSame(f"{wanted.method} {wanted.path}: {what} differ\n  köprü {ours}\n  floor {floor}")
