"""The kinds of cases there are: the package that does the work of one registers it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.db import Transaction
from gateway.errors import refuse_field
from gateway.rights.cases.models import RightsCase

Begin = Callable[[Transaction, RightsCase], None]
Check = Callable[[Transaction, UUID, dict[str, Any]], dict[str, Any]]


def _nothing(_tx: Transaction, _customer_id: UUID, wish: dict[str, Any]) -> dict[str, Any]:
    if wish:
        raise refuse_field("/wish", "unknown_field", "Nothing more need be said for this kind.")
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A name such as `erasure`, what an employee's start sets off, and what a wish of this kind must be.

    `begin` may set `operation_id`, and calls `service.complete` where all is done at once; `check` answers the wish as
    it is kept, JSON-ready, or raises Invalid with pointers below `/wish`.
    """

    name: str
    begin: Begin
    check: Check = _nothing


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Have cases of this kind taken."""
    _kinds[kind.name] = kind
    return kind


def kind_of(name: str) -> Kind:
    """The kind of this name; raises Invalid."""
    if name not in _kinds:
        raise refuse_field("/kind", "unknown_value", f"One of {', '.join(sorted(_kinds))}.")
    return _kinds[name]
