"""Setting the rules of merging. Nothing here commits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction, now
from gateway.errors import NotFound, refuse_field
from gateway.provenance import HUB
from gateway.sync.merging.models import MergeRule
from gateway.sync.merging.rules import UNITED, default_rule
from gateway.sync.models import SyncLink
from gateway.sync.streams import STREAMS

_KEYS = ("external_id", "updated_at", "version", "reference", "customer_external_id")


def list_rules(tx: Transaction, stream: str | None = None) -> list[dict[str, Any]]:
    """Every rule, those that were set and the defaults of all other fields, as `schemas.sync_conflict.MergeRule`."""
    was_set = {(rule.stream, rule.field): rule for rule in tx.scalars(select(MergeRule))}
    fields = {(name, field) for name in STREAMS for field in fields_of(name)}
    asked = [at for at in sorted(fields | was_set.keys()) if stream in (None, at[0])]
    return [_form(name, field, was_set.get((name, field))) for name, field in asked]


def get_rule(tx: Transaction, stream: str, field: str) -> dict[str, Any]:
    """The rule of a field, set or default; raises NotFound for a field there is not."""
    if stream not in STREAMS or not _is_known(stream, field):
        raise NotFound
    return _form(stream, field, tx.session.get(MergeRule, (stream, field)))


def set_rule(tx: Transaction, stream: str, field: str, rule: str, sources: list[str]) -> dict[str, Any]:
    """Set or replace the rule of a field; raises Invalid for a field or source there is not."""
    if not _is_known(stream, field):
        raise refuse_field("/field", "unknown", f"One of {', '.join(fields_of(stream))}, or attributes/<key>.")
    if rule == "union" and field not in UNITED:
        raise refuse_field("/rule", "invalid", f"Only {', '.join(UNITED)} can be united.")
    _check_sources(tx, rule, sources)
    kept = MergeRule(stream=stream, field=field, rule=rule, sources=sources, updated_at=now())
    kept = tx.session.merge(kept)
    tx.session.flush()
    audit.record(tx, "sync.rule.set", "sync_rule", f"{stream}/{field}", {"rule": rule, "sources": sources})
    return _form(stream, field, kept)


def reset_rule(tx: Transaction, stream: str, field: str) -> None:
    """Return a field to its default; raises NotFound where no rule was set."""
    kept = tx.session.get(MergeRule, (stream, field))
    if kept is None:
        raise NotFound
    tx.session.delete(kept)
    tx.session.flush()
    audit.record(tx, "sync.rule.reset", "sync_rule", f"{stream}/{field}", {})


def fields_of(stream: str) -> list[str]:
    """The fields that can be merged."""
    return sorted(name for name in STREAMS[stream].schema.fields if name not in _KEYS)


def _is_known(stream: str, field: str) -> bool:
    name, _, key = field.partition("/")
    return name in fields_of(stream) and (not key or name == "attributes") and not field.endswith("/")


def _check_sources(tx: Transaction, rule: str, sources: list[str]) -> None:
    if (rule == "priority") != bool(sources):
        raise refuse_field("/sources", "invalid", "Exactly the rule `priority` names sources, the first weighing most.")
    links = {str(link_id) for link_id in tx.scalars(select(SyncLink.id))}
    for number, source in enumerate(sources):
        if source not in links and source.partition(":")[0] not in (HUB, "partner"):
            raise refuse_field(f"/sources/{number}", "unknown", "The id of a link, partner:<code>, or hub.")


def _form(stream: str, field: str, kept: MergeRule | None) -> dict[str, Any]:
    rule = default_rule(field.partition("/")[0])
    chosen = {"rule": kept.rule, "sources": kept.sources} if kept else {"rule": rule.name, "sources": []}
    return {"stream": stream, "field": field, **chosen, "is_default": kept is None}
