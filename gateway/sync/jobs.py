"""Background work of sync: the run itself, and the sweeper that wakes it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from uuid import UUID

import psycopg
from rq.timeouts import BaseTimeoutException
from sqlalchemy import exc, func, or_, select

from connectors.base import ConnectorError, NotNow
from connectors.http import Http
from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import Transaction, transaction
from gateway.errors import Unavailable
from gateway.queue import SYNC, Bell, LeaseLost, chore, sweeper
from gateway.sync import doubts, history, operations
from gateway.sync.attempt import begin, finish, put_back
from gateway.sync.backoff import MOST_TRIES, wait_seconds
from gateway.sync.calls import ask
from gateway.sync.deletions.full import list_everything
from gateway.sync.ground import InRun
from gateway.sync.hooks import inbox
from gateway.sync.models import ACTIVE, PREVIEW, SyncRun
from gateway.sync.preview.preview import preview
from gateway.sync.pull import pull
from gateway.sync.push import push
from gateway.sync.quarantine.replay import replay
from gateway.sync.repairs.ranges import read_range
from gateway.sync.repairs.record import read_record
from gateway.sync.sealing import connect
from gateway.sync.traffic.way_out import way_out
from gateway.sync.work import JOB, Cancelled, SliceOver, Work

log = logging.getLogger(__name__)

_STEPS = {"pull": pull, "push": push}
_DATABASE_AWAY = (psycopg.Error, exc.DBAPIError, exc.TimeoutError, Unavailable)


def run(run_id: str) -> None:
    """Work on a run until it ends or this job's time is up; safe to call twice, or for a run that is not due."""
    try:
        work = begin(UUID(run_id))
    except _DATABASE_AWAY as error:
        log.warning("sync_run_not_begun", extra={"run": run_id, "error": type(error).__name__})
        return
    if work is None:
        return
    with work.lease:
        try:
            with way_out(work.link.id, work.link.name, work.lease.run_id, work.lease.check_for_sending) as http:
                _attempt(work, http)
        except LeaseLost:
            log.warning("sync_lease_lost", extra={"run": run_id})
        except _DATABASE_AWAY as error:
            # The lease runs out by itself, should the database not even take this.
            log.warning("sync_database_failed", extra={"run": run_id, "error": type(error).__name__})
            _retry(work, ConnectorError("The database did not take a page; it is tried again."))
        except BaseTimeoutException:
            raise
        except Exception:
            log.exception("sync_run_broke", extra={"run": run_id})
            _retry(work, ConnectorError("Something went wrong on our side; it is tried again."))


def _attempt(work: Work, http: Http) -> None:
    try:
        work.connector = ask(lambda: connect(work.link.connector, work.settings, http))
        if work.mode != PREVIEW:
            doubts.settle(InRun(work))
        MODES[work.mode](work)
        finish(work, "succeeded")
    except SliceOver:
        put_back(work)
    except Cancelled:
        finish(work, "cancelled")
    except BaseTimeoutException:
        _retry(work, ConnectorError("A step took longer than a job may; it is tried again."))
        raise
    except NotNow as later:
        put_back(work, later.retry_after or 0.0, later.message, is_failure=False)
    except ConnectorError as error:
        log.info("sync_partner_failed", extra={"run": str(work.lease.run_id), "permanent": error.permanent})
        _retry(work, error)


def perform(work: Work) -> None:
    """The steps of a run that are not done yet: what the partner has to say first, then what we have."""
    if "receive" in work.connector.can:
        inbox.drain(work)
    for step in ("pull", "push"):
        for stream in ("customers", "interactions") if step in work.connector.can else ():
            name = f"{step}:{stream}"
            if stream in work.connector.streams and name not in work.steps_done:
                _STEPS[step](work, stream)
                if step == "pull":
                    work.finish_step(name)
    inbox.answer_hints(work)
    _wait_for_the_rest(work)


def perform_received(work: Work) -> None:
    """Take over what came to our door; where it only says that something changed, a whole round follows."""
    inbox.drain(work)
    if inbox.has_hints(work):
        perform(work)


def perform_in_full(work: Work) -> None:
    """List everything first and end what vanished; then as any run."""
    list_everything(work)
    perform(work)


# What a run of each mode does.
MODES: dict[str, Callable[[Work], None]] = {
    "normal": perform,
    "full": perform_in_full,
    "replay": replay,
    PREVIEW: preview,
    inbox.MODE: perform_received,
    "backfill": read_range,
    "record": read_record,
}


def _wait_for_the_rest(work: Work) -> None:
    """Raise the passing error of a push that is to be tried again, so that the run comes back for it."""
    with transaction(work.caller) as tx:
        waiting = operations.next_retry(tx, work.link)
    if waiting is not None:
        raise ConnectorError(waiting[0], retry_after=waiting[1])


def _retry(work: Work, error: ConnectorError) -> None:
    """Put a run back after a passing failure; end it after a permanent one, or too many.

    A permanent one pauses the link, unless the run was only to look, or about one record that somebody named.
    """
    try:
        if error.permanent:
            finish(work, "failed", error.message, pauses=work.mode not in (PREVIEW, "record"))
        elif work.tries + 1 >= MOST_TRIES:
            finish(work, "failed", error.message)
        else:
            put_back(work, wait_seconds(work.tries + 1, error.retry_after), error.message)
    except (LeaseLost, *_DATABASE_AWAY) as failure:
        log.warning("sync_run_not_put_back", extra={"run": str(work.lease.run_id), "error": type(failure).__name__})


@chore(every_seconds=3600)
def forget_old_runs() -> None:
    """Remove what ended longer ago than the installation keeps it."""
    days, removed = read_settings().sync_history_days, 1
    while removed:
        with transaction(Caller.system("sync"), statement_seconds=60) as tx:
            removed = history.forget_old(tx, days)


@sweeper
def due_runs(tx: Transaction) -> Iterable[Bell]:
    """A bell for every run that is due and in nobody's hands, or whose worker is gone."""
    free = or_(SyncRun.leased_until.is_(None), SyncRun.leased_until < func.now())
    statement = select(SyncRun.id).where(SyncRun.status.in_(ACTIVE), SyncRun.due_at <= func.now(), free)
    return [Bell(SYNC, JOB, (str(run_id),)) for run_id in tx.scalars(statement)]
