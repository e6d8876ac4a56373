"""The kinds of long work there are; a feature registers each with the step that does a bounded part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from gateway.db import Transaction
from gateway.longrunning.models import Operation


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: things dealt with, where the next begins, or that it was the last.

    `total` is said once it is known; `wait_seconds` has the next step wait, for others to catch up.
    """

    done: int = 0
    failed: int = 0
    cursor: dict[str, Any] = field(default_factory=dict)
    is_over: bool = False
    total: int | None = None
    result: dict[str, Any] | None = None
    wait_seconds: float = 0.0


DoStep = Callable[[Transaction, Operation], Step]
Held = Callable[[], AbstractContextManager[Transaction]]
Prepare = Callable[[dict[str, Any], Held], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A name such as `webhooks.recover`, the step, the queue whose workers do it, and the scope that shows it.

    `prepare` is called with the options before each step and outside of its transaction, which would keep readers of
    events waiting: it may take minutes, reads in `gateway.snapshot`, and writes in transactions that it is given.
    Each of those holds the lease, or raises LeaseLost; one is to be opened every few seconds.
    """

    name: str
    step: DoStep
    queue: str
    scope: str
    prepare: Prepare | None = None


_kinds: dict[str, Kind] = {}


def register(name: str, *, queue: str, scope: str, prepare: Prepare | None = None) -> Callable[[DoStep], DoStep]:
    """Register a step: it is called with its operation until it says that it is over, each time in a transaction.

    A problem (`gateway.errors`) that it raises ends the operation with that sentence; anything else is tried again.
    """

    def put(step: DoStep) -> DoStep:
        _kinds[name] = Kind(name, step, queue, scope, prepare)
        return step

    return put


def kind_of(name: str) -> Kind:
    """The kind of this name; raises KeyError."""
    return _kinds[name]


def names() -> list[str]:
    """The names of every kind."""
    return list(_kinds)


def shown_to(scopes: Iterable[str]) -> list[str]:
    """The names of the kinds that these scopes show."""
    allowed = frozenset(scopes)
    return [kind.name for kind in _kinds.values() if kind.scope in allowed]
