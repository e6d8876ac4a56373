"""Doing long work: step after step under a lease, each step one commit that also says how far it has come."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

import psycopg
from rq.timeouts import BaseTimeoutException
from sqlalchemy import exc, func

from gateway.channels import Caller
from gateway.db import Transaction, now, transaction
from gateway.errors import Problem, Unavailable
from gateway.longrunning import bell, service
from gateway.longrunning.kinds import Step, kind_of
from gateway.longrunning.models import ACTIVE, Operation
from gateway.queue import LeaseLost, claim, hold

LEASE_SECONDS = 30
SLICE_SECONDS = 0.5  # then other work of the queue, such as delivering, has its turn
MOST_TRIES = 5
# Seconds before the next try of a step:  2 · 8 · 32 · 128, so it is given up after 170 s.
_FIRST_WAIT, _GROWTH = 2.0, 4
_CALLER = Caller.system("operations")
_GIVEN_UP = f"Something went wrong on our side; it was tried {MOST_TRIES} times."
_DATABASE_AWAY = (psycopg.Error, exc.DBAPIError, exc.TimeoutError, Unavailable)
_stopping = threading.Event()
log = logging.getLogger(__name__)


def work_on(operation_id: UUID) -> None:
    """Do steps until the work is over, this turn has taken its time, or it is to end; safe to call twice."""
    try:
        taken = _take(operation_id)
        if taken is None:
            return
        until = time.monotonic() + SLICE_SECONDS
        while _do_step(taken):
            if time.monotonic() > until or _stopping.is_set():
                _put_back(taken)
                return
    except LeaseLost:
        log.warning("operation_lease_lost", extra={"operation": str(operation_id)})
    except _DATABASE_AWAY as error:
        # Its lease runs out by itself, and the sweeper rings for it.
        log.warning("operation_left", extra={"operation": str(operation_id), "error": type(error).__name__})


def stop_soon() -> None:
    """Have a running turn end after its step."""
    _stopping.set()


def _take(operation_id: UUID) -> Operation | None:
    with transaction(_CALLER) as tx:
        due = (Operation.status.in_(ACTIVE), Operation.due_at <= func.now())
        if claim(tx, Operation, operation_id, LEASE_SECONDS, *due) is None:
            return None
        operation = tx.session.get_one(Operation, operation_id)
        operation.status, operation.started_at = "running", operation.started_at or now()
        return operation


def _do_step(taken: Operation) -> bool:
    """One step; False when nobody is to go on now."""
    try:
        kind = kind_of(taken.kind)
        if kind.prepare is not None:
            kind.prepare(taken.options, partial(_holding, taken))
        with _holding(taken) as tx:
            operation = tx.session.get_one(Operation, taken.id)
            if operation.cancel_asked_at is not None:
                service.end(operation, "cancelled")
                return False
            return _keep(operation, kind.step(tx, operation))
    except (LeaseLost, Unavailable, BaseTimeoutException):
        raise
    except Exception as error:
        return _fail(taken, error)


def _keep(operation: Operation, step: Step) -> bool:
    operation.done += step.done
    operation.failed += step.failed
    operation.cursor, operation.tries = step.cursor, 0
    operation.total = operation.total if step.total is None else step.total
    operation.result = operation.result if step.result is None else step.result
    if step.is_over:
        service.end(operation, "succeeded")
    elif step.wait_seconds:
        _leave(operation, step.wait_seconds)
    return not (step.is_over or step.wait_seconds)


def _fail(taken: Operation, error: Exception) -> bool:
    with _holding(taken) as tx:
        operation = tx.session.get_one(Operation, taken.id)
        operation.tries += 1
        if isinstance(error, Problem):
            service.end(operation, "failed", str(error))
            return False
        log.error("operation_step_failed", exc_info=error, extra={"operation": str(taken.id)})
        if operation.tries >= MOST_TRIES:
            service.end(operation, "failed", _GIVEN_UP)
        else:
            _leave(operation, _FIRST_WAIT * _GROWTH ** (operation.tries - 1))
    return False


def _put_back(taken: Operation) -> None:
    with _holding(taken) as tx:
        _leave(tx.session.get_one(Operation, taken.id), 0.0)
        tx.after_commit(partial(bell.ring, kind_of(taken.kind), taken.id))


def _leave(operation: Operation, seconds: float) -> None:
    operation.leased_until = None
    operation.due_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)  # by the clock that judges it


@contextmanager
def _holding(taken: Operation) -> Iterator[Transaction]:
    with transaction(_CALLER) as tx:
        hold(tx, Operation, taken.id, taken.attempt, LEASE_SECONDS)
        yield tx
