"""PostgreSQL itself, and what lies in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sqlalchemy import text

from gateway import migrations, pool, resealing, vault
from gateway.channels import Caller
from gateway.config import Settings
from gateway.db import Query, Transaction, transaction
from gateway.doctor.finding import Finding, hint, ok, wrong
from gateway.errors import Unavailable
from gateway.rights.erasure import log

OLDEST_POSTGRES = 15
MOST_CLOCK_SECONDS = 5.0
_CALLER = Caller.system("doctor")
_DEFAULT_RIGHTS_TABLE = "alembic_version"  # holds a number, no record
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


def of_database(settings: Settings) -> Iterator[Finding]:
    """Every check of PostgreSQL and what lies in it; the rest is left out where it does not answer."""
    vault.load_keys(settings.vault_keys)
    pool.open_database(settings.database_url, pool_size=1, statement_seconds=30)
    try:
        with transaction(_CALLER) as tx:
            yield ok("database", "answers")
            yield from (check(tx) for check in SERVER_CHECKS)
        migrated = check_migrations(settings)
        yield migrated
        if migrated.state == "ok":
            with transaction(_CALLER) as tx:
                yield from (check(tx) for check in RECORD_CHECKS)
                yield check_erasure_log(tx, settings)
    except Unavailable as error:
        yield wrong("database", _reason(error), "Start PostgreSQL, or correct DATABASE_URL.")
    finally:
        pool.close_database()


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


def _reason(error: Unavailable) -> str:
    return f"does not answer: {str(error.__cause__ or error).splitlines()[0]}"
