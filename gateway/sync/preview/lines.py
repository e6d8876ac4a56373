"""What a preview shows: one line for each record that a run would touch, field by field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from connectors.base import Pushed
from gateway.bulk import Changed
from gateway.customers import bulk as customers
from gateway.interactions.service import wire_form
from gateway.sync.merging.clash import Clash
from gateway.sync.merging.memory import read
from gateway.sync.rejects import Rejection
from gateway.sync.sending import Op, Sending

_FORMS = {"customers": customers.wire_form, "interactions": wire_form}
_OF_THE_HUB = frozenset({"id", "display_name", "version", "created_at", "updated_at"})
UNNAMED = "\x01"  # begins the name of a record that the partner would get first, and that no partner gives
_EMPTY: tuple[Any, ...] = (None, [], {})


class Line(NamedTuple):
    """One thing a run would do; `changes` are `{"field", "old", "new"}`, `reasons` say why something is not taken."""

    stream: str
    action: str
    external_id: str | None
    record_id: UUID | None
    changes: list[dict[str, Any]]
    reasons: list[dict[str, str]]


def of_created(stream: str, row: dict[str, Any], external_id: str | None) -> Line:
    """A record that would be made here."""
    said = {name: value for name, value in _FORMS[stream](row).items() if name not in _OF_THE_HUB}
    changes = [_change(name, None, value) for name, value in said.items() if value not in _EMPTY]
    # The real run gives it another id.
    return Line(stream, "create", external_id, None, changes, [])


def of_changed(stream: str, changed: Changed, external_id: str | None) -> Line:
    """A record that would change here."""
    old, new = _FORMS[stream](changed.before), _FORMS[stream](changed.after)
    changes = [_change(name, old[name], new[name]) for name in changed.fields]
    return Line(stream, "change", external_id, changed.before["id"], changes, [])


def of_clash(stream: str, clash: Clash, external_id: str | None) -> Line:
    """A field that both sides changed: `old` is ours, `new` theirs; the reason tells whose word would hold."""
    outcome = f"{clash.chosen} holds by the rule {clash.rule}" if clash.chosen else "it waits for a steward"
    reason = {"pointer": f"/{clash.field}", "code": clash.rule, "message": f"Both sides changed this; {outcome}."}
    return Line(
        stream, "conflict", external_id, clash.record_id, [_change(clash.field, clash.ours, clash.theirs)], [reason]
    )


def of_rejection(stream: str, rejection: Rejection) -> Line:
    """A record that would not be taken."""
    return Line(stream, "reject", rejection.external_id, None, [], list(rejection.reasons))


def of_deleted(stream: str, deleted: Iterable[tuple[str, UUID]]) -> list[Line]:
    """Records that the partner deleted."""
    return [Line(stream, "delete", external_id, record_id, [], []) for external_id, record_id in deleted]


def of_sending(stream: str, sending: Sending, op: Op) -> Line:
    """A write that the partner would get; `old` is what it said last, as far as that is known."""
    operation, said = sending.operation, read(sending.operation.said)
    payload = sending.payload or {}
    changes = [_change(name, said.get(name), None if _is_unnamed(value) else value) for name, value in payload.items()]
    return Line(stream, f"push_{op}", operation.external_id, operation.record_id, changes, [])


def of_doubt(stream: str, sending: Sending, found: Pushed) -> Line:
    """A create whose answer was lost, and that the partner has, or cannot be asked for."""
    told = found.error.message if found.error else "The partner has it already: only its answer was lost."
    reason = {"pointer": "", "code": "in_doubt", "message": told}
    return Line(stream, "note", found.external_id, sending.operation.record_id, [], [reason])


def note(stream: str, message: str) -> Line:
    """Something to know of the preview itself."""
    return Line(stream, "note", None, None, [], [{"pointer": "", "code": "note", "message": message}])


def _is_unnamed(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(UNNAMED)


def _change(name: str, old: Any, new: Any) -> dict[str, Any]:
    return {"field": name, "old": old, "new": new}
