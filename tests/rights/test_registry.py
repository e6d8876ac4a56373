"""Nothing that may hold a person is forgotten: every table is answered for, or never holds one."""

from __future__ import annotations

from flask import Flask

from gateway.customers import erasing
from tests.sync.conftest import rows

NOBODY = {
    # The house's and partners' own: agreements, keys, settings, rules, places of readers.
    "alembic_version", "attribute_definitions", "consent_purposes", "contact_rules", "event_types", "events_forgotten",
    "oauth_clients", "partners", "readers", "signing_keys", "sync_calls", "sync_links", "sync_merge_rules",
    "sync_schedule_slots", "sync_schedules", "webhook_keys", "webhook_paces", "webhook_retentions",
    "desk_queues", "dispositions",
    # Marks of tokens and addresses that nobody's record names, for minutes or days.
    "assertion_ids", "revocations", "sign_in_addresses",
    # Ids, names of fields and who did it, never what was in a field; it is append-only and sealed.
    "audit_entries", "audit_seals",
    # Counts over all records, numbers, and where a walk stands.
    "identity_matchings", "identity_patterns", "identity_slices", "identity_weights",
    # Where a partner's own list goes on, in words that are the partner's.
    "sync_cursors", "sync_parts", "sync_places",
}  # fmt: skip


def answered_for() -> set[str]:
    return {table for forget in erasing.registered() for table in forget.tables}


def test_every_table_is_answered_for_or_never_holds_a_person(app: Flask) -> None:
    tables = {name for (name,) in rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")}
    assert tables - answered_for() == (NOBODY & tables) - answered_for()


def test_every_table_that_names_a_customer_is_answered_for(app: Flask) -> None:
    naming = rows(
        "SELECT table_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name = 'customer_id'"
    )
    assert {name for (name,) in naming} <= answered_for()


def test_no_two_forgets_have_one_name(app: Flask) -> None:
    names = [forget.name for forget in erasing.registered()]
    assert len(names) == len(set(names))


def test_the_record_goes_last(app: Flask) -> None:
    assert erasing.registered()[-1].name == "customers"
