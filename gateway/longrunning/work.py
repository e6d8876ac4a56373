"""Doing long work: step after step under a lease, each step one commit that also says how far it has come."""

from __future__ import annotations

import logging
import threading
import time
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
        attempt = _take(operation_id)
        if attempt is None:
            return
        until = time.monotonic() + SLICE_SECONDS
        while _do_step(operation_id, attempt):
            if time.monotonic() > until or _stopping.is_set():
                _put_back(operation_id, attempt)
                return
    except LeaseLost:
        log.warning("operation_lease_lost", extra={"operation": str(operation_id)})
    except _DATABASE_AWAY as error:
        # Its lease runs out by itself, and the sweeper rings for it.
        log.warning("operation_left", extra={"operation": str(operation_id), "error": type(error).__name__})


def stop_soon() -> None:
    """Have a running turn end after its step."""
    _stopping.set()


def _take(operation_id: UUID) -> int | None:
    with transaction(_CALLER) as tx:
        due = (Operation.status.in_(ACTIVE), Operation.due_at <= func.now())
        attempt = claim(tx, Operation, operation_id, LEASE_SECONDS, *due)
        if attempt is not None:
            operation = tx.session.get_one(Operation, operation_id)
            operation.status, operation.started_at = "running", operation.started_at or now()
        return attempt


def _do_step(operation_id: UUID, attempt: int) -> bool:
    """One step; False when nobody is to go on now."""
    try:
        with transaction(_CALLER) as tx:
            operation = _held(tx, operation_id, attempt)
            if operation.cancel_asked_at is not None:
                service.end(operation, "cancelled")
                return False
            return _keep(operation, kind_of(operation.kind).step(tx, operation))
    except (LeaseLost, Unavailable, BaseTimeoutException):
        raise
    except Exception as error:
        return _fail(operation_id, attempt, error)


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


def _fail(operation_id: UUID, attempt: int, error: Exception) -> bool:
    with transaction(_CALLER) as tx:
        operation = _held(tx, operation_id, attempt)
        operation.tries += 1
        if isinstance(error, Problem):
            service.end(operation, "failed", str(error))
            return False
        log.error("operation_step_failed", exc_info=error, extra={"operation": str(operation_id)})
        if operation.tries >= MOST_TRIES:
            service.end(operation, "failed", _GIVEN_UP)
        else:
            _leave(operation, _FIRST_WAIT * _GROWTH ** (operation.tries - 1))
    return False


def _put_back(operation_id: UUID, attempt: int) -> None:
    with transaction(_CALLER) as tx:
        operation = _held(tx, operation_id, attempt)
        _leave(operation, 0.0)
        kind = kind_of(operation.kind)
        tx.after_commit(lambda: bell.ring(kind, operation_id))


def _leave(operation: Operation, seconds: float) -> None:
    operation.leased_until = None
    operation.due_at = func.now() + func.make_interval(0, 0, 0, 0, 0, 0, seconds)  # by the clock that judges it


def _held(tx: Transaction, operation_id: UUID, attempt: int) -> Operation:
    hold(tx, Operation, operation_id, attempt, LEASE_SECONDS)
    return tx.session.get_one(Operation, operation_id)
