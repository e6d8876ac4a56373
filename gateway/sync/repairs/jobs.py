"""Background work of repairs: other workers' help with a range."""

from __future__ import annotations

import logging
from uuid import UUID

import psycopg
from sqlalchemy import exc

from connectors.base import ConnectorError
from gateway.channels import Caller
from gateway.db import transaction
from gateway.errors import Unavailable
from gateway.queue import SYNC, LeaseLost, ring
from gateway.sync.attempt import prepare
from gateway.sync.calls import ask
from gateway.sync.lease import Lease
from gateway.sync.models import ACTIVE, SyncRun
from gateway.sync.repairs.ranges import HELP_JOB, read_parts
from gateway.sync.sealing import connect
from gateway.sync.traffic.way_out import way_out
from gateway.sync.work import Cancelled, SliceOver, Work

log = logging.getLogger(__name__)


def help_with(run_id: str, seat: str) -> None:
    """Read parts of a run's range beside the worker that holds the run; whatever fails here is that one's to tell."""
    try:
        work = _join(UUID(run_id))
        if work is None:
            return
        with way_out(work.link.id, work.link.name, work.lease.run_id) as http:
            work.connector = ask(lambda: connect(work.link.connector, work.settings, http))
            read_parts(work)
    except SliceOver:
        ring(SYNC, HELP_JOB, run_id, seat)
    except (Cancelled, LeaseLost):
        return
    except (ConnectorError, psycopg.Error, exc.DBAPIError, exc.TimeoutError, Unavailable) as error:
        log.info("sync_part_left", extra={"run": run_id, "error": type(error).__name__})


def _join(run_id: UUID) -> Work | None:
    with transaction(Caller.system("sync")) as tx:
        run = tx.session.get(SyncRun, run_id)
        if run is None or run.status not in ACTIVE or run.cancel_asked_at is not None:
            return None
        work = prepare(tx, run, Lease(run_id, run.attempt))
        return work if isinstance(work, Work) else None
