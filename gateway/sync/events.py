"""What sync tells the inside: a run has failed, a link was paused or works again. Partners hear nothing of it."""

from __future__ import annotations

from gateway import outbox
from gateway.db import Transaction
from gateway.outbox import Event
from gateway.sync.models import SyncLink, SyncRun
from schemas.sync_event import LinkEvent, RunEvent

_RUN, _LINK = RunEvent(), LinkEvent()


def tell_failure(tx: Transaction, run: SyncRun) -> None:
    """Tell that a run has failed for good."""
    outbox.record(tx, Event("sync.run.failed", run.id, None, _RUN.dump(run)))


def tell_link(tx: Transaction, event_type: str, link: SyncLink) -> None:
    """Tell what happened to a link."""
    outbox.record(tx, Event(event_type, link.id, None, _LINK.dump(link)))
