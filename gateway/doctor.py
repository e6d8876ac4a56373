"""`kopru doctor`: what is wrong with a set-up, and what to do about it. It looks and changes nothing."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError
from rq.worker import BaseWorker, Worker
from sqlalchemy import text

from gateway import db, migrations, queue, resealing, vault
from gateway.channels import Caller
from gateway.config import Settings
from gateway.db import Query, Transaction
from gateway.errors import Unavailable
from gateway.rights.erasure import log

OLDEST_POSTGRES, OLDEST_REDIS = 15, (6, 2)
MOST_CLOCK_SECONDS = 5.0
_ALIVE_SECONDS = 90  # a worker's heartbeat may be a minute old
_CALLER = Caller.system("doctor")
_DEFAULT_RIGHTS_TABLE = "alembic_version"  # holds a number, no record


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `state` is ok, hint (works, but look at it) or wrong; `advice` says what to do."""

    check: str
    state: str
    says: str
    advice: str = ""


def ok(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", says)


def hint(check: str, says: str, advice: str) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(check, "hint", says, advice)


def wrong(check: str, says: str, advice: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(check, "wrong", says, advice)


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check in turn; what stands on a server that does not answer is left out."""
    yield ok("settings", "every setting is readable")
    yield from _of_database(settings)
    yield from _of_redis(settings)
    yield check_web(settings)
    yield check_base_url(settings)


def _of_database(settings: Settings) -> Iterator[Finding]:
    vault.load_keys(settings.vault_keys)
    db.open_database(settings.database_url, pool_size=1, statement_seconds=30)
    try:
        with db.transaction(_CALLER) as tx:
            yield ok("database", "answers")
            yield from (check(tx) for check in SERVER_CHECKS)
        migrated = check_migrations(settings)
        yield migrated
        if migrated.state == "ok":
            with db.transaction(_CALLER) as tx:
                yield from (check(tx) for check in RECORD_CHECKS)
                yield check_erasure_log(tx, settings)
    except Unavailable as error:
        yield wrong("database", _reason(error), "Start PostgreSQL, or correct DATABASE_URL.")
    finally:
        db.close_database()


def _of_redis(settings: Settings) -> Iterator[Finding]:
    queue.open_queue(settings.redis_url)
    try:
        info: dict[str, Any] = queue.redis().info()
    except (RedisError, OSError) as error:
        yield wrong("redis", f"does not answer: {error}", "Start Redis, or correct REDIS_URL; until then work waits.")
        return
    yield ok("redis", "answers")
    yield from (check(info) for check in REDIS_CHECKS)
    yield from check_workers()
    yield check_upkeep()


# --- PostgreSQL itself

_VERSION = Query(text("SELECT current_setting('server_version_num')::int, current_setting('server_version')"))
_ROLE = Query(text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"))
_CLOCK = Query(text("SELECT extract(epoch FROM clock_timestamp())::float8"))
_UNPROTECTED = Query(
    text(
        """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname <> :kept
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY c.relname
        """
    )
)
_LOST_MARKS = Query(
    text("SELECT key_name, count(*) FROM tombstones WHERE key_name <> ALL(:names) GROUP BY key_name ORDER BY key_name")
)
_SIGNING = Query(text("SELECT count(*) FROM signing_keys WHERE state = 'active'"))


def check_version(tx: Transaction) -> Finding:
    """PostgreSQL 15 or newer."""
    number, shown = tx.first(_VERSION) or (0, "?")
    if number < OLDEST_POSTGRES * 10_000:
        return wrong("database version", f"PostgreSQL {shown}", f"Use PostgreSQL {OLDEST_POSTGRES} or newer.")
    return ok("database version", f"PostgreSQL {shown}")


def check_role(tx: Transaction) -> Finding:
    """The role must be bound by row-level security."""
    name, is_super, bypasses = tx.first(_ROLE) or ("?", False, False)
    if not (is_super or bypasses):
        return ok("database role", f"{name} has no special rights")
    right = "is a superuser" if is_super else "has BYPASSRLS"
    return wrong(
        "database role",
        f"{name} {right}, so row-level security does not bind it",
        "Make an ordinary role that owns the database (docs/operating.md), and name it in DATABASE_URL.",
    )


def check_clock(tx: Transaction) -> Finding:
    """The database's clock and this machine's must agree: tokens and leases stand on them."""
    before = time.time()
    there = (tx.first(_CLOCK) or (0.0,))[0]
    apart = abs(there - (before + time.time()) / 2)
    says = f"{apart:.1f} s between the database and this machine"
    if apart >= MOST_CLOCK_SECONDS:
        return wrong("clock", says, "Run a time service (NTP) on both machines.")
    return ok("clock", says)


SERVER_CHECKS: tuple[Callable[[Transaction], Finding], ...] = (check_version, check_role, check_clock)


# --- what lies in it


def check_migrations(settings: Settings) -> Finding:
    """The tables are those this code expects."""
    present, latest = migrations.present_revision(settings.database_url), migrations.latest_revision()
    if present == latest:
        return ok("migrations", f"at {latest}, the newest")
    return wrong("migrations", f"at {present or 'nothing'}, newest is {latest}", "Run: kopru migrate")


def check_row_security(tx: Transaction) -> Finding:
    """Every table forces row-level security."""
    open_tables = [name for (name,) in tx.rows(_UNPROTECTED, kept=_DEFAULT_RIGHTS_TABLE)]
    if open_tables:
        advice = "ALTER TABLE … ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY each; ask who took it off."
        return wrong("row-level security", f"not forced on {', '.join(open_tables)}", advice)
    return ok("row-level security", "forced on every table")


def check_signing_key(tx: Transaction) -> Finding:
    """One key signs tokens."""
    if (tx.first(_SIGNING) or (0,))[0]:
        return ok("signing key", "one is active")
    return wrong("signing key", "none is active, so no token can be issued", "Run: kopru migrate")


def check_vault(tx: Transaction) -> Finding:
    """The vault's keys open what was sealed."""
    broken = resealing.broken(tx)
    if not broken:
        return ok("vault", "opens everything that is sealed")
    return wrong("vault", "; ".join(broken), "Add the key that sealed it to KOPRU_VAULT_KEYS again.")


def check_tombstones(tx: Transaction) -> Finding:
    """Marks of erased people are found again only with the vault key they were made under."""
    lost = tx.rows(_LOST_MARKS, names=vault.key_names())
    if not lost:
        return ok("tombstones", "every mark of an erased person can be found again")
    says = f"{sum(count for _, count in lost)} marks were made under {', '.join(name for name, _ in lost)}"
    return wrong("tombstones", says, "Add that key to KOPRU_VAULT_KEYS again, or a sync may bring those people back.")


def check_erasure_log(tx: Transaction, settings: Settings) -> Finding:
    """The erasure log can be written, and knows of no erasure that the database does not."""
    place = settings.erasure_file
    if place is None:
        says = "none is kept, so a restored backup brings erased people back"
        return hint("erasure log", says, "Set KOPRU_ERASURE_LOG.")
    lines, bad = log.read(place) if place.exists() else ([], [])
    if bad:
        return wrong("erasure log", str(bad[0]), "Find out who changed it; the other lines still hold.")
    unknown = log.unknown(tx, lines)
    if unknown:
        return wrong("erasure log", f"{unknown} erasures are not known to the database", "Run: kopru rights replay")
    return ok("erasure log", f"{len(lines)} erasures, all known to the database")


RECORD_CHECKS: tuple[Callable[[Transaction], Finding], ...] = (
    check_row_security,
    check_signing_key,
    check_vault,
    check_tombstones,
)


# --- Redis


def check_redis_version(info: dict[str, Any]) -> Finding:
    """Redis 6.2 or newer; Valkey says which Redis it equals."""
    shown = str(info.get("redis_version", "0"))
    parts = tuple(int(part) for part in re.findall(r"\d+", shown)[:2])
    if parts < OLDEST_REDIS:
        return wrong("redis version", f"Redis {shown}", "Use Redis 6.2 or newer, or Valkey.")
    return ok("redis version", f"{'Valkey' if 'valkey_version' in info else 'Redis'} {shown}")


def check_eviction(info: dict[str, Any]) -> Finding:
    """A full Redis must refuse, never forget."""
    policy = info.get("maxmemory_policy", "noeviction")
    if policy == "noeviction":
        return ok("redis eviction", "noeviction")
    return wrong("redis eviction", f"{policy} throws away jobs and limits", "Set maxmemory-policy to noeviction.")


def check_persistence(info: dict[str, Any]) -> Finding:
    """Losing Redis costs seconds and no data, but keeping it saves them."""
    if info.get("aof_enabled"):
        return ok("redis persistence", "append-only file")
    return hint(
        "redis persistence",
        "no append-only file: after a restart waiting jobs are rung for again by upkeep",
        "Set appendonly yes to save those seconds.",
    )


REDIS_CHECKS: tuple[Callable[[dict[str, Any]], Finding], ...] = (check_redis_version, check_eviction, check_persistence)


def workers_alive() -> dict[str, int]:
    """How many workers showed a sign of life lately, by queue; for upkeep 1 or 0. Raises RedisError."""
    alive = {name: _alive(Worker.all(queue=queue.rq_queue(name))) for name in (queue.SYNC, queue.WEBHOOKS)}
    return {**alive, queue.UPKEEP: int(bool(queue.redis().exists(queue.UPKEEP_ALIVE)))}


def check_workers() -> Iterator[Finding]:
    """Somebody works on each queue."""
    for name, count in workers_alive().items():
        if name != queue.UPKEEP:
            says = f"{count} alive"
            yield (
                ok(f"workers: {name}", says)
                if count
                else wrong(f"workers: {name}", says, f"Start one: kopru work {name}")
            )


def check_upkeep() -> Finding:
    """Somebody sweeps and schedules."""
    if queue.redis().exists(queue.UPKEEP_ALIVE):
        return ok("upkeep", "alive")
    return wrong("upkeep", "no sign of life: nothing is scheduled, swept or sealed", "Start it: kopru work upkeep")


def _alive(workers: Iterable[BaseWorker]) -> int:
    oldest = db.now().timestamp() - _ALIVE_SECONDS
    return sum(1 for worker in workers if worker.last_heartbeat and worker.last_heartbeat.timestamp() > oldest)


# --- the public address


def check_web(settings: Settings) -> Finding:
    """Whoever answers at the public address says it is the issuer we are."""
    url = f"{settings.base_url}/.well-known/oauth-authorization-server"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310  # our own address
            issuer = json.load(answer).get("issuer")
    except (urllib.error.URLError, OSError, ValueError, AttributeError) as error:
        return wrong(
            "web", f"{settings.base_url} does not answer: {error}", "Start it (kopru serve), or mend the proxy."
        )
    if issuer != settings.base_url:
        advice = "Give every process the same KOPRU_BASE_URL; tokens of another issuer are refused."
        return wrong("web", f"{settings.base_url} calls itself {issuer}", advice)
    return ok("web", f"{settings.base_url} answers as its own issuer")


def check_base_url(settings: Settings) -> Finding:
    """An https address means a proxy in front, and its headers must be counted."""
    if settings.is_https and not settings.trusted_proxies:
        return hint(
            "proxies",
            "the address is https, and no proxy is counted: every caller seems to come from the proxy's address",
            "Set KOPRU_TRUSTED_PROXIES to the number of proxies in front.",
        )
    return ok("proxies", f"{settings.trusted_proxies} counted")


def _reason(error: Unavailable) -> str:
    return f"does not answer: {str(error.__cause__ or error).splitlines()[0]}"
