"""Background work of schedules: starting what is due."""

from __future__ import annotations

import logging

from gateway.channels import Caller
from gateway.db import transaction
from gateway.queue import chore
from gateway.sync.schedules.due import due_ids, take_slot

log = logging.getLogger(__name__)
_CALLER = Caller.system("schedule")


@chore(every_seconds=2)
def start_due_runs() -> int:
    """Deal with every slot that has come, each in its own transaction; answers how many runs that started.

    One schedule that cannot be read, for instance because its time zone is gone, holds up no other.
    """
    with transaction(_CALLER) as tx:
        waiting = due_ids(tx)
    started = 0
    for schedule_id in waiting:
        try:
            with transaction(_CALLER) as tx:
                started += take_slot(tx, schedule_id) is not None
        except Exception as error:
            log.warning("sync_slot_not_taken", extra={"schedule": str(schedule_id), "error": type(error).__name__})
    return started
