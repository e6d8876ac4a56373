"""What the doctor finds, on real servers that are set up wrongly on purpose."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from gateway import queue
from gateway.config import Settings
from gateway.doctor import queues
from gateway.embedded import PostgresServer
from gateway.embedded_cluster import SUPERUSER
from tests.cli.conftest import Run

AS_JSON = ("-o", "json")


def found_by(kopru: Run) -> dict[str, dict[str, Any]]:
    """The doctor's findings by the name of the check."""
    return {finding["check"]: finding for finding in kopru("doctor", *AS_JSON).json}


def administer(settings: Settings, statement: str) -> None:
    """Change the database as its owner."""
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


def test_doctor_finds_a_sound_database_sound(kopru: Run) -> None:
    found = found_by(kopru)
    sound = ("settings", "database role", "clock", "migrations", "row-level security", "signing key", "vault")
    assert {name: found[name]["state"] for name in sound} == dict.fromkeys(sound, "ok")


def test_doctor_names_a_superuser_role(
    kopru: Run, postgres: PostgresServer, worker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url_for(f"kopru_{worker}", SUPERUSER))
    assert "is a superuser" in found_by(kopru)["database role"]["says"]


def test_doctor_names_a_table_without_row_security(kopru: Run, settings: Settings) -> None:
    administer(settings, "ALTER TABLE shares NO FORCE ROW LEVEL SECURITY")
    try:
        assert found_by(kopru)["row-level security"]["says"] == "not forced on shares"
    finally:
        administer(settings, "ALTER TABLE shares FORCE ROW LEVEL SECURITY")


def test_doctor_asks_for_migrations(kopru: Run, settings: Settings) -> None:
    administer(settings, "UPDATE alembic_version SET version_num = version_num || '-old'")
    try:
        assert found_by(kopru)["migrations"]["advice"] == "Run: kopru migrate"
    finally:
        administer(settings, "UPDATE alembic_version SET version_num = replace(version_num, '-old', '')")


def test_doctor_notices_another_vault_key(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPRU_VAULT_KEYS", "k1:OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg")
    assert found_by(kopru)["vault"]["says"].startswith("signing keys")


def test_doctor_misses_workers_and_upkeep(kopru: Run) -> None:
    queue.redis().delete(queue.UPKEEP_ALIVE)
    found = found_by(kopru)
    assert {found[name]["state"] for name in ("workers: sync", "workers: webhooks", "upkeep")} == {"wrong"}


def test_upkeep_gives_a_sign_of_life(kopru: Run) -> None:
    queue.show_sign_of_life()
    assert found_by(kopru)["upkeep"]["state"] == "ok"


def test_doctor_says_why_the_database_does_not_answer(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://kopru:gizli-parola@127.0.0.1:1/kopru")
    ran = kopru("doctor", *AS_JSON)
    assert "refused" in next(finding["says"] for finding in ran.json if finding["check"] == "database")
    assert "gizli-parola" not in ran.out


def test_doctor_says_that_redis_does_not_answer(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert found_by(kopru)["redis"]["state"] == "wrong"


def test_doctor_names_a_bad_setting_and_exits_with_1(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPRU_BASE_URL", "crm.example")
    ran = kopru("doctor", *AS_JSON)
    assert (ran.code, ran.json[0]["state"]) == (1, "wrong")
    assert "KOPRU_BASE_URL" in ran.json[0]["says"]


@pytest.mark.parametrize(("policy", "state"), [("noeviction", "ok"), ("allkeys-lru", "wrong")])
def test_doctor_wants_a_redis_that_never_forgets(policy: str, state: str) -> None:
    assert queues.check_eviction({"maxmemory_policy": policy}).state == state


@pytest.mark.parametrize(("version", "state"), [("6.0.16", "wrong"), ("6.2.14", "ok"), ("10.0.1", "ok")])
def test_doctor_wants_redis_6_2(version: str, state: str) -> None:
    assert queues.check_redis_version({"redis_version": version}).state == state
