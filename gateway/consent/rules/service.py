"""The rules of the house: when nobody is contacted, and how often at most."""

from __future__ import annotations

from typing import Any

from gateway import audit
from gateway.consent.purposes import service as purposes
from gateway.consent.rules.models import Rules
from gateway.db import Transaction, apply
from gateway.errors import PreconditionFailed, refuse_field

# Cautious and no law's: nobody is rung or texted at night, and advertising comes three times a week at most.
_BROUGHT: dict[str, Any] = {
    "time_zone": "Europe/Istanbul",
    "quiet_hours": [{"from": "21:00", "until": "09:00", "channels": ["phone", "sms", "chat", "visit"]}],
    "caps": [{"purpose": "marketing", "channel": None, "most": 3, "days": 7}],
    "reservation_minutes": 15,
}


def current(tx: Transaction) -> Rules:
    """The rules in force."""
    return tx.session.get(Rules, True) or Rules(**_BROUGHT, version=0)


def change(tx: Transaction, patch: dict[str, Any], expected_version: int) -> Rules:
    """Apply a loaded merge patch; raises PreconditionFailed, Invalid for a cap on a purpose that there is not."""
    _check_caps(tx, patch.get("caps", ()))
    rules = tx.session.get(Rules, True, with_for_update=True) or Rules(**_BROUGHT, version=0)
    if rules.version != expected_version:
        raise PreconditionFailed
    if changed := apply(rules, patch):
        rules.version = expected_version + 1
        tx.store(rules, PreconditionFailed)
        audit.record(tx, "contact_rules.changed", "contact_rules", "", {"fields": changed})
    return rules


def _check_caps(tx: Transaction, caps: list[dict[str, Any]]) -> None:
    for number, cap in enumerate(caps):
        if cap["purpose"] is not None and purposes.find(tx, cap["purpose"]) is None:
            raise refuse_field(f"/caps/{number}/purpose", "unknown", "There is no such purpose.")
