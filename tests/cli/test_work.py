"""Sync, webhooks, the audit trail and the rest from the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from gateway import audit
from gateway.channels import Caller
from gateway.cli import sync_watch
from gateway.config import Settings
from gateway.db import transaction
from gateway.sync import service as sync
from gateway.sync.models import SyncRun
from tests.cli.conftest import Run

SYSTEM = Caller.system("test")
AS_JSON = ("-o", "json")
HOOK = "http://127.0.0.1:9/kanca"
NEW_KEY = "k2:OTg3NjU0MzIxMDk4NzY1NDMyMTA5ODc2NTQzMjEwOTg"


@pytest.fixture
def endpoint(kopru: Run, bursa: str) -> str:
    """An endpoint of Bursa's."""
    assert kopru("webhook", "add", HOOK, "--partner", bursa, "--events", "customer.*").code == 0
    return HOOK


def seal_everything() -> None:
    """What upkeep does."""
    with transaction(SYSTEM) as tx:
        audit.seal(tx)


def test_worker_that_finds_no_redis_says_so_and_ends(environment: dict[str, str]) -> None:
    away = {**os.environ, **environment, "REDIS_URL": "redis://127.0.0.1:9/0"}
    command = [sys.executable, "-m", "gateway.cli", "work", "webhooks"]
    ended = subprocess.run(command, env=away, capture_output=True, text=True, timeout=150, check=False)
    assert (ended.returncode, "kopru: Redis does not answer" in ended.stderr) == (1, True)
    assert "Traceback" not in ended.stderr


def test_link_is_listed_without_its_secret(kopru: Run, link: str) -> None:
    listed = kopru("sync", "links", *AS_JSON)
    assert [each["name"] for each in listed.json] == [link]
    assert "gizli" not in listed.out


def test_wrong_link_settings_are_named(kopru: Run, bursa: str) -> None:
    refused = kopru("sync", "add", "x", "--partner", bursa, "--connector", "rest", "--settings", "-", typed="{}")
    assert (refused.code, "/settings/base_url" in refused.err) == (1, True)


@pytest.mark.parametrize("name", ["", "x" * 101])
def test_link_without_a_usable_name_is_refused(kopru: Run, bursa: str, name: str) -> None:
    settings = '{"base_url": "http://127.0.0.1:9", "api_key": "gizli"}'
    wanted = ("sync", "add", name, "--partner", bursa, "--connector", "rest", "--settings", "-")
    refused = kopru(*wanted, typed=settings)
    assert (refused.code, "/name" in refused.err) == (1, True)


def test_run_is_queued_once(kopru: Run, link: str) -> None:
    assert "is queued" in kopru("sync", "run", link).out
    refused = kopru("sync", "run", link)
    assert (refused.code, "is active" in refused.err) == (1, True)


def test_watched_run_that_is_cancelled_exits_with_1(kopru: Run, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read = sync_watch._read

    def cancel_and_read(run_id: UUID) -> SyncRun:
        with transaction(SYSTEM) as tx:
            sync.cancel_run(tx, run_id)
        return read(run_id)

    monkeypatch.setattr(sync_watch, "_read", cancel_and_read)
    watched = kopru("sync", "run", link, "--watch", *AS_JSON)
    assert (watched.code, watched.json["status"]) == (1, "cancelled")


def test_paused_link_says_why(kopru: Run, link: str) -> None:
    kopru("sync", "pause", link, "--reason", "Bakım var")
    assert "Bakım var" in kopru("sync", "run", link).err
    kopru("sync", "resume", link)
    assert kopru("sync", "links", *AS_JSON).json[0]["status"] == "active"


def test_status_shows_the_age_of_a_waiting_run(kopru: Run, link: str) -> None:
    kopru("sync", "run", link)
    waiting = kopru("status", *AS_JSON).json["backlog"]["sync runs under way"]
    assert waiting["count"] == 1
    assert 0 <= waiting["oldest_seconds"] < 60


def test_endpoint_belongs_to_the_partner_named(kopru: Run, endpoint: str) -> None:
    assert [(each["channel"], each["partner"]) for each in kopru("webhook", "list", *AS_JSON).json] == [
        ("extranet", "bursa")
    ]


def test_endpoint_secret_is_shown_once(kopru: Run, endpoint: str) -> None:
    secret = kopru("webhook", "rotate", endpoint, *AS_JSON).json["secret"]
    assert secret.startswith("whsec_")
    assert secret not in kopru("webhook", "list", *AS_JSON).out


def test_private_address_is_refused(kopru: Run) -> None:
    refused = kopru("webhook", "add", "https://10.0.0.1/kanca", "--events", "*")
    assert (refused.code, "/url" in refused.err) == (1, True)


def test_recover_takes_so_long_ago(kopru: Run, endpoint: str) -> None:
    assert kopru("webhook", "recover", endpoint, "--since", "2h", "--no-wait", *AS_JSON).json["status"] == "queued"


def test_every_change_names_the_operator(kopru: Run, bursa: str) -> None:
    entry = kopru("audit", "tail", "--resource", "partner", *AS_JSON).json[-1]
    assert entry["actor"].startswith("client:system:cli:partner add:")


def test_audit_verify_proves_an_untouched_trail(kopru: Run, bursa: str) -> None:
    seal_everything()
    verdict = kopru("audit", "verify", *AS_JSON)
    assert (verdict.code, verdict.json["holds"], verdict.json["checked"] > 0) == (0, True, True)


def test_audit_verify_finds_a_tampered_row(kopru: Run, bursa: str, settings: Settings) -> None:
    seal_everything()
    with psycopg.connect(settings.database_url.replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute("SET kopru.channel = 'system'")
        owner.execute("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        owner.execute("UPDATE audit_entries SET actor = 'client:kimse' WHERE action = 'partner.created'")
        owner.execute("ALTER TABLE audit_entries ENABLE TRIGGER USER")
    verdict = kopru("audit", "verify", *AS_JSON)
    assert (verdict.code, verdict.json["holds"]) == (1, False)


def test_resealing_lets_the_old_vault_key_go(
    kopru: Run, link: str, endpoint: str, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPRU_VAULT_KEYS", f"{NEW_KEY},{environment['KOPRU_VAULT_KEYS']}")
    counts = kopru("keys", "reseal", *AS_JSON).json
    monkeypatch.setenv("KOPRU_VAULT_KEYS", NEW_KEY)
    found = {finding["check"]: finding["state"] for finding in kopru("doctor", *AS_JSON).json}
    assert (counts["partner credentials"], counts["webhook keys"], found["vault"]) == (1, 1, "ok")


def test_document_of_a_channel_is_its_own(kopru: Run) -> None:
    assert kopru("openapi", "extranet").json["info"]["title"] == "Köprü extranet"


def test_connectors_are_listed(kopru: Run) -> None:
    assert {each["name"] for each in kopru("connector", "list", *AS_JSON).json} >= {"rest", "tryton"}


def test_demo_that_is_not_there_says_how_to_make_it(kopru: Run) -> None:
    assert "kopru up --demo" in kopru("demo", "show").err


def test_demo_secret_is_printed_alone(kopru: Run, tmp_path: Path) -> None:
    clients = [{"client_id": "head-office", "client_secret": "ks_gizli", "redirect_uris": []}]
    (tmp_path / "demo.json").write_text(json.dumps({"clients": clients}))
    assert kopru("demo", "secret", "head-office").out == "ks_gizli\n"
