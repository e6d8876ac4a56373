"""Every setting, read once from the environment; a bad one stops the start and is named."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(Exception):
    """A setting is missing or has a value that cannot be used; the message names it and says what is wanted."""


def _text(value: str) -> str:
    return value


def _whole(value: str) -> int:
    if not value.isascii() or not value.isdigit():
        raise ValueError("a whole number, 0 or more")
    return int(value)


def _count(value: str) -> int:
    if not _whole(value):
        raise ValueError("a whole number, 1 or more")
    return int(value)


def _token_seconds(value: str) -> int:
    if not 30 <= _whole(value) <= 3600:
        raise ValueError("a whole number of seconds from 30 to 3600")
    return int(value)


def _database(value: str) -> str:
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    raise ValueError("a PostgreSQL address, such as postgresql://kopru:secret@db.example/kopru")


def _redis(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("a Redis address, such as redis://cache.example:6379/0")
    return value


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
        is_usable = parts.hostname is not None and is_bare and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError("scheme, host and port alone, such as https://kopru.example")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        raise ValueError("an https address (plain http is for loopback alone)")
    return value.rstrip("/")


def _secret(value: str) -> str:
    if len(value) < 32:
        raise ValueError("at least 32 random characters; make one with: openssl rand -base64 48")
    return value


def _vault_keys(value: str) -> tuple[tuple[str, bytes], ...]:
    keys = []
    for item in value.split(","):
        name, _, encoded = item.strip().partition(":")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (ValueError, binascii.Error):
            key = b""
        if not name.isalnum() or len(key) != 32:
            raise ValueError(
                "name:key[,name:key…], each key 32 bytes in base64; make one with: openssl rand -base64 32"
            )
        keys.append((name, key))
    if len({name for name, _ in keys}) != len(keys):
        raise ValueError("a different name for each key")
    return tuple(keys)


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(item.strip()) for item in value.split(",") if item.strip())
    except ValueError:
        raise ValueError("networks separated by commas, such as 10.20.0.0/16,127.0.0.0/8") from None


def _folders(value: str) -> tuple[Path, ...]:
    paths = tuple(Path(item.strip()) for item in value.split(",") if item.strip())
    if not all(path.is_absolute() and ".." not in path.parts and len(path.parts) > 1 for path in paths):
        raise ValueError("absolute folders separated by commas, such as /srv/drops,/mnt/bayiler")
    return paths


def _file(value: str) -> str:
    path = Path(value)
    if value != "off" and (not path.is_absolute() or path.is_dir()):
        raise ValueError("off, or an absolute file, such as /srv/kopru/erasures.log")
    return value


def _quota(value: str) -> tuple[int, int]:
    requests, _, seconds = value.partition("/")
    if not (requests.isdigit() and seconds.isdigit() and int(requests) and int(seconds)):
        raise ValueError("requests/seconds, such as 3000/60")
    return int(requests), int(seconds)


def _level(value: str) -> str:
    if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        raise ValueError("DEBUG, INFO, WARNING or ERROR")
    return value.upper()


def _word(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in words:
            raise ValueError(" or ".join(words))
        return value

    return read


def _setting(name: str, read: Callable[[str], Any], explains: str, default: Any = MISSING) -> Any:
    meta = {"name": name, "read": read, "explains": explains}
    return field(metadata=meta) if default is MISSING else field(default=default, metadata=meta)


@dataclass(frozen=True, kw_only=True, repr=False)
class Settings:
    """The whole configuration, shown by no repr; `docs/operating.md` lists the same names, and a test compares."""

    database_url: str = _setting("DATABASE_URL", _database, "PostgreSQL 15 or newer; a role without special rights")
    redis_url: str = _setting("REDIS_URL", _redis, "Redis 6.2 or newer, or Valkey; the bell that wakes workers")
    base_url: str = _setting("KOPRU_BASE_URL", _base_url, "the public address; also the OAuth issuer")
    secret_key: str = _setting("KOPRU_SECRET_KEY", _secret, "signs cookies and cursors")
    vault_keys: tuple[tuple[str, bytes], ...] = _setting(
        "KOPRU_VAULT_KEYS", _vault_keys, "encrypt secrets at rest; the first key encrypts, all decrypt"
    )
    webhook_allow: tuple[Network, ...] = _setting(
        "KOPRU_WEBHOOK_ALLOW", _networks, "networks that may be called besides public https", ()
    )
    drop_folders: tuple[Path, ...] = _setting(
        "KOPRU_DROP_FOLDERS", _folders, "folders below which links may read and write dropped files", ()
    )
    rate_limit: tuple[int, int] = _setting(
        "KOPRU_RATE_LIMIT", _quota, "requests/seconds of a client without a quota of its own", (3000, 60)
    )
    access_token_seconds: int = _setting("KOPRU_ACCESS_TOKEN_SECONDS", _token_seconds, "life of an access token", 600)
    refresh_token_days: int = _setting("KOPRU_REFRESH_TOKEN_DAYS", _count, "life of a refresh token family", 30)
    session_hours: int = _setting("KOPRU_SESSION_HOURS", _count, "life of a sign-in", 12)
    statement_seconds: int = _setting("KOPRU_STATEMENT_SECONDS", _count, "deadline of one SQL statement", 5)
    pool_size: int = _setting("KOPRU_POOL_SIZE", _count, "database connections of one process", 8)
    web_threads: int = _setting("KOPRU_WEB_THREADS", _count, "threads of one web process", 4)
    sync_threads: int = _setting("KOPRU_SYNC_THREADS", _count, "runs that one sync worker works on at once", 4)
    trusted_proxies: int = _setting("KOPRU_TRUSTED_PROXIES", _whole, "reverse proxies in front, counted", 0)
    sync_history_days: int = _setting("KOPRU_SYNC_HISTORY_DAYS", _count, "how long ended sync runs are kept", 90)
    webhook_payload_days: int = _setting(
        "KOPRU_WEBHOOK_PAYLOAD_DAYS", _count, "how long bodies of webhook messages and answers to them are kept", 30
    )
    webhook_log_days: int = _setting(
        "KOPRU_WEBHOOK_LOG_DAYS", _count, "how long the list of webhook messages and attempts goes back", 90
    )
    event_days: int = _setting("KOPRU_EVENT_DAYS", _count, "how long events can be replayed and polled", 90)
    import_mib: int = _setting("KOPRU_IMPORT_MIB", _count, "the largest file that may be imported, in MiB", 64)
    access_log_days: int = _setting(
        "KOPRU_ACCESS_LOG_DAYS", _count, "how long it is known who was shown which customer", 730
    )
    transfer_days: int = _setting("KOPRU_TRANSFER_DAYS", _count, "how long files of imports and exports are kept", 3)
    archive_days: int = _setting("KOPRU_ARCHIVE_DAYS", _count, "how long a person can fetch what is kept of them", 30)
    rights_days: int = _setting("KOPRU_RIGHTS_DAYS", _count, "how long a request about personal data may take", 30)
    erasure_log: str = _setting(
        "KOPRU_ERASURE_LOG", _file, "the file that remembers erasures for the day a backup is restored", "off"
    )
    undeclared_attributes: str = _setting(
        "KOPRU_UNDECLARED_ATTRIBUTES",
        _word("allow", "refuse"),
        "allow or refuse attributes of customers that nobody declared",
        "allow",
    )
    log_level: str = _setting("KOPRU_LOG_LEVEL", _level, "DEBUG, INFO, WARNING or ERROR", "INFO")

    @property
    def erasure_file(self) -> Path | None:
        """The erasure log, None where none is kept."""
        return None if self.erasure_log == "off" else Path(self.erasure_log)

    @property
    def sync_pool_size(self) -> int:
        """Database connections of a sync worker: three for each run and one more, or what is set where that is more."""
        return max(self.pool_size, 3 * self.sync_threads + 1)

    @property
    def is_https(self) -> bool:
        """Whether cookies may be marked Secure and carry the `__Host-` prefix."""
        return self.base_url.startswith("https://")


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read every setting; raises BadSetting naming the first that is missing or wrong."""
    environ = os.environ if environ is None else environ
    values = {}
    for item in fields(Settings):
        name, read, explains = (item.metadata[key] for key in ("name", "read", "explains"))
        raw = environ.get(name, "")
        if raw:
            try:
                values[item.name] = read(raw)
            except ValueError as wanted:
                raise BadSetting(f"{name} is not usable: wanted is {wanted}") from None
        elif item.default is MISSING:
            raise BadSetting(f"{name} is not set ({explains}); .env.example shows every setting")
    return Settings(**values)
