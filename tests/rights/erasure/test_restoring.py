"""A backup from before an erasure is restored: the log remembers, and a replay erases again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import make_url, text

from gateway.config import Settings
from gateway.db import Query, new_id, transaction
from gateway.embedded import EmbeddedServers
from gateway.embedded_cluster import SUPERUSER
from gateway.embedded_postgres import find_programs
from gateway.oauth import standing
from gateway.rights.erasure import log
from tests.cli.conftest import Run
from tests.conftest import Cast
from tests.emptying import FOLDER_VARIABLE, empty_tables
from tests.rights.erasure.conftest import erase
from tests.sync.conftest import SYSTEM, rows

AS_JSON = ("-o", "json")
Restore = Callable[[], None]


@pytest.fixture
def backup(cast: Cast, settings: Settings, tmp_path: Path) -> Restore:
    """A dump of the database as it stands; calling it brings all of that back."""
    postgres = EmbeddedServers(Path(os.environ[FOLDER_VARIABLE])).postgres
    url = postgres.url_for(str(make_url(settings.database_url).database), SUPERUSER).replace("+psycopg", "")
    dump = str(tmp_path / "kopru.dump")
    programs = find_programs() / "bin"
    subprocess.run([programs / "pg_dump", "-Fc", "-T", "alembic_version", "-f", dump, url], check=True)

    def restore() -> None:
        empty_tables(settings.database_url)
        subprocess.run([programs / "pg_restore", "--data-only", "--disable-triggers", "-d", url, dump], check=True)
        standing.forget()

    return restore


@pytest.fixture
def restored(cast: Cast, backup: Restore, erasure_log: Path, kopru: Run, monkeypatch: pytest.MonkeyPatch) -> str:
    """Cem was erased, and a backup from before has brought him back; the case."""
    monkeypatch.setenv("KOPRU_ERASURE_LOG", str(erasure_log))
    case_id = erase(cast)
    backup()
    assert rows("SELECT count(*) FROM customers") == [(1,)]
    return case_id


def test_doctor_says_that_erasures_are_to_be_replayed(restored: str, kopru: Run) -> None:
    found = {each["check"]: each for each in kopru("doctor", *AS_JSON).json}["erasure log"]
    assert (found["state"], found["advice"]) == ("wrong", "Run: kopru rights replay")


def test_replay_erases_again(restored: str, kopru: Run) -> None:
    [shown] = kopru("rights", "replay", *AS_JSON).json
    assert (shown["case_id"], shown["back"], shown["status"]) == (restored, 1, "succeeded")
    assert rows("SELECT count(*) FROM customers") == [(0,)]
    assert kopru("rights", "replay", *AS_JSON).json == []


def test_dry_run_erases_nobody(restored: str, kopru: Run) -> None:
    [shown] = kopru("rights", "replay", "--dry-run", *AS_JSON).json
    assert shown["status"] == "to be erased"
    assert rows("SELECT count(*) FROM customers") == [(1,)]


def test_person_who_is_back_under_another_id_is_recognised(restored: str, cast: Cast, kopru: Run) -> None:
    other = new_id()
    with transaction(SYSTEM) as tx:
        for table, column in (("customers", "id"), ("customer_keys", "customer_id"), ("shares", "customer_id")):
            tx.run(Query(text(f"UPDATE {table} SET {column} = :to")), to=other)
    assert kopru("rights", "replay", *AS_JSON).json[0]["back"] == 1
    assert rows("SELECT count(*) FROM customers") == [(0,)]


def test_partners_are_told_again(restored: str, kopru: Run) -> None:
    kopru("rights", "replay")
    assert rows("SELECT count(*) FROM events WHERE type = 'customer.erased'") == [(1,)]
    [(case_id, acknowledged_at)] = rows("SELECT case_id, acknowledged_at FROM erasure_notices")
    assert (case_id, acknowledged_at) == (UUID(restored), None)


def test_line_that_was_altered_is_named_and_the_others_hold(restored: str, erasure_log: Path, kopru: Run) -> None:
    erasure_log.write_text(erasure_log.read_text().replace("{", '{"x": 1, ', 1) + erasure_log.read_text())
    ran = kopru("rights", "replay", *AS_JSON)
    assert (ran.code, len(ran.json)) == (1, 1)
    assert "line 1 was altered" in ran.err


def test_line_cut_off_by_a_crash_spoils_no_other(cast: Cast, erasure_log: Path) -> None:
    erasure_log.write_text('{"case_id": "yarım')
    erase(cast)
    lines, bad = log.read(erasure_log)
    assert (len(lines), len(bad)) == (1, 1)


def test_log_holds_nothing_personal(cast: Cast, erasure_log: Path) -> None:
    erase(cast)
    told = erasure_log.read_text()
    assert not any(word in told for word in ("Cem", "cem@example.com", "17291716060", "5321234567"))
