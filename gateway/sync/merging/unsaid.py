"""What of a write a partner does not say already, by its own last word."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from gateway.sync.merging.words import Form, Row, remembered


def unsaid(form: Form, part: Row, said: Row, always: Set[str] = frozenset()) -> Row:
    """The fields of a write that differ from the partner's last word, and those sent `always`."""
    differing = [name for name, value in part.items() if name not in said or said[name] != value]
    mine, theirs = (remembered(form, record, differing, {}) for record in (part, said))

    def is_said(name: str) -> bool:
        return name in mine and name in theirs and form.same(name, mine[name], theirs[name])

    sent = {name for name in differing if not is_said(name)} | (always & part.keys())
    return {name: value for name, value in part.items() if name in sent}


def hold_back(part: Row, said: Row, waiting: Set[str]) -> Row:
    """A write without the paths that wait for a steward: there the partner keeps what it says."""
    held = {name: value for name, value in part.items() if name not in waiting}
    keys = {path.partition("/")[2] for path in waiting if path.startswith("attributes/")}
    if keys and "attributes" in held:
        theirs = said.get("attributes") or {}
        held["attributes"] = _without(held["attributes"], keys) | {key: theirs[key] for key in keys & theirs.keys()}
    return held


def _without(attributes: dict[str, Any], keys: Set[str]) -> dict[str, Any]:
    return {key: value for key, value in attributes.items() if key not in keys}
