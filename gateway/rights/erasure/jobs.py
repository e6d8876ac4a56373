"""What upkeep does for erasures: goes on with those left lying, has the log know of all, reminds partners."""

from __future__ import annotations

import logging

from sqlalchemy import text

from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import Query, Transaction, transaction
from gateway.queue import chore
from gateway.rights.cases import service as cases
from gateway.rights.cases.models import RightsCase
from gateway.rights.erasure import log, notices, work

_logger = logging.getLogger(__name__)
_CALLER = Caller.system("erasure")
_LEFT = Query(
    text(
        """
        SELECT e.case_id FROM erasures e JOIN rights_cases c ON c.id = e.case_id
        WHERE e.erased_at IS NULL AND NOT EXISTS (
            SELECT FROM operations o WHERE o.id = c.operation_id AND o.finished_at IS NULL)
        ORDER BY e.began_at LIMIT 5
        """
    )
)

_ANSWERED = Query(
    text(
        """
        SELECT e.case_id FROM erasures e JOIN rights_cases c ON c.id = e.case_id AND c.ended_at IS NULL
        WHERE e.erased_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM erasure_notices n WHERE n.case_id = e.case_id AND n.acknowledged_at IS NULL)
        LIMIT 100
        """
    )
)


@chore(every_seconds=60)
def go_on_with_erasures() -> None:
    """Begin again where work has ended before its time: cancelled, given up, or lost with a restored backup."""
    with transaction(_CALLER) as tx:
        resume(tx)
    with transaction(_CALLER) as tx:
        log.repair(tx)
    with transaction(_CALLER) as tx:
        close_answered(tx)


@chore(every_seconds=3600)
def remind_partners() -> None:
    """Tell those again who have not acknowledged for a week."""
    with transaction(_CALLER) as tx:
        notices.remind(tx)


@chore(every_seconds=3600)
def warn_of_a_restored_backup() -> None:
    """Say so where the log knows of erasures that the database does not."""
    place = read_settings().erasure_file
    if place is None or not place.exists():
        return
    lines, bad = log.read(place)
    with transaction(_CALLER) as tx:
        missing = log.unknown(tx, lines)
    if missing or bad:
        _logger.error("erasures_to_be_replayed", extra={"unknown": missing, "unreadable": len(bad)})


def close_answered(tx: Transaction) -> int:
    """Complete the cases whose partners have all answered since; answers how many there were to look at."""
    answered = [case_id for (case_id,) in tx.rows(_ANSWERED)]
    for case_id in answered:
        work.close(tx, cases.get(tx, case_id, lock=True))
    return len(answered)


def resume(tx: Transaction) -> int:
    """Start what nobody works on any more; answers how many."""
    left = [case_id for (case_id,) in tx.rows(_LEFT)]
    for case_id in left:
        work.go_on(tx, tx.session.get_one(RightsCase, case_id))
    return len(left)
