"""A bad setting stops the start, is named, and the sentence says what is wanted without repeating a secret."""

from __future__ import annotations

import base64
import ipaddress
from dataclasses import fields

import pytest

from gateway.config import BadSetting, Settings, read_settings

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
GOOD = {
    "DATABASE_URL": "postgresql://kopru:gizli@db.example/kopru",
    "REDIS_URL": "redis://cache.example:6379/0",
    "KOPRU_BASE_URL": "https://crm.example",
    "KOPRU_SECRET_KEY": "s" * 32,
    "KOPRU_VAULT_KEYS": f"k1:{KEY}",
}
NAMES = [item.metadata["name"] for item in fields(Settings)]


def test_good_settings_are_read() -> None:
    settings = read_settings(GOOD)
    assert settings.database_url == "postgresql+psycopg://kopru:gizli@db.example/kopru"
    assert (settings.rate_limit, settings.webhook_allow, settings.log_level) == ((3000, 60), (), "INFO")


@pytest.mark.parametrize(("pool", "threads", "connections"), [("8", "4", 13), ("8", "2", 8), ("1", "10", 31)])
def test_sync_worker_has_connections_for_all_its_runs(pool: str, threads: str, connections: int) -> None:
    settings = read_settings({**GOOD, "KOPRU_POOL_SIZE": pool, "KOPRU_SYNC_THREADS": threads})
    assert settings.sync_pool_size == connections


@pytest.mark.parametrize("name", sorted(GOOD))
@pytest.mark.parametrize("empty", [None, ""])
def test_missing_setting_is_named(name: str, empty: str | None) -> None:
    environ = {key: value for key, value in GOOD.items() if key != name} | ({} if empty is None else {name: empty})
    with pytest.raises(BadSetting, match=f"^{name} is not set"):
        read_settings(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example/kopru"),
        ("DATABASE_URL", "sqlite:///kopru.db"),
        ("REDIS_URL", "http://cache.example"),
        ("KOPRU_BASE_URL", "http://crm.example"),
        ("KOPRU_BASE_URL", "https://crm.example/path"),
        ("KOPRU_BASE_URL", "https://user@crm.example"),
        ("KOPRU_BASE_URL", "https://crm.example?x=1"),
        ("KOPRU_BASE_URL", "crm.example"),
        ("KOPRU_BASE_URL", "ftp://localhost"),
        ("KOPRU_BASE_URL", "https://[::1"),
        ("KOPRU_BASE_URL", "https://crm.example:port"),
        ("KOPRU_SECRET_KEY", "short"),
        ("KOPRU_VAULT_KEYS", "k1"),
        ("KOPRU_VAULT_KEYS", "k1:AAAA"),
        ("KOPRU_VAULT_KEYS", f"k1:{KEY},k1:{KEY}"),
        ("KOPRU_VAULT_KEYS", f"k 1:{KEY}"),
        ("KOPRU_VAULT_KEYS", "k1:ışık"),
        ("KOPRU_WEBHOOK_ALLOW", "10.0.0.0/33"),
        ("KOPRU_WEBHOOK_ALLOW", "10.0.0.1/8"),
        ("KOPRU_WEBHOOK_ALLOW", "everything"),
        ("KOPRU_DROP_FOLDERS", "drops"),
        ("KOPRU_DROP_FOLDERS", "/"),
        ("KOPRU_DROP_FOLDERS", "/srv/../etc"),
        ("KOPRU_RATE_LIMIT", "3000"),
        ("KOPRU_RATE_LIMIT", "0/60"),
        ("KOPRU_RATE_LIMIT", "3000/0"),
        ("KOPRU_RATE_LIMIT", "²/60"),
        ("KOPRU_ACCESS_TOKEN_SECONDS", "-1"),
        ("KOPRU_ACCESS_TOKEN_SECONDS", "10m"),
        ("KOPRU_ACCESS_TOKEN_SECONDS", "0"),
        ("KOPRU_ACCESS_TOKEN_SECONDS", "86400"),
        ("KOPRU_POOL_SIZE", "0"),
        ("KOPRU_STATEMENT_SECONDS", "0"),
        ("KOPRU_SESSION_HOURS", "1.5"),
        ("KOPRU_TRUSTED_PROXIES", "٣"),
        ("KOPRU_LOG_LEVEL", "LOUD"),
    ],
)
def test_unusable_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"^{name} is not usable: wanted is "):
        read_settings({**GOOD, name: value})


@pytest.mark.parametrize("name", ["DATABASE_URL", "KOPRU_SECRET_KEY", "KOPRU_VAULT_KEYS"])
def test_unusable_secret_is_not_repeated(name: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({**GOOD, name: "çok gizli"})
    assert "gizli" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "field", "read"),
    [
        ("KOPRU_BASE_URL", "http://127.0.0.1:8000/", "base_url", "http://127.0.0.1:8000"),
        ("KOPRU_BASE_URL", "http://localhost:9000", "base_url", "http://localhost:9000"),
        ("KOPRU_RATE_LIMIT", "10/1", "rate_limit", (10, 1)),
        ("KOPRU_LOG_LEVEL", "debug", "log_level", "DEBUG"),
        (
            "KOPRU_WEBHOOK_ALLOW",
            "127.0.0.0/8, ::1",
            "webhook_allow",
            tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1"))),
        ),
        ("KOPRU_VAULT_KEYS", f"b:{KEY.rstrip('=')}, a:{KEY}", "vault_keys", (("b", b"k" * 32), ("a", b"k" * 32))),
        ("DATABASE_URL", "postgres://db/kopru", "database_url", "postgresql+psycopg://db/kopru"),
    ],
)
def test_usable_spellings_are_understood(name: str, value: str, field: str, read: object) -> None:
    assert getattr(read_settings({**GOOD, name: value}), field) == read


def test_every_setting_has_a_name_of_ours_and_a_sentence() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if not name.startswith("KOPRU_") and name not in ("DATABASE_URL", "REDIS_URL")] == []
    assert [item.name for item in fields(Settings) if not item.metadata["explains"]] == []


def test_settings_shown_hold_no_secret() -> None:
    shown = str(read_settings({**GOOD, "KOPRU_SECRET_KEY": "çok-gizli-" * 4}))
    assert [secret for secret in ("çok-gizli", "gizli@", "kkkk") if secret in shown] == []
