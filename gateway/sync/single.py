"""Asking a partner for one record at a time."""

from __future__ import annotations

from functools import partial

from connectors.base import Record
from gateway.sync.calls import ask
from gateway.sync.work import Work


def fetched(work: Work, stream: str, external_id: str) -> Record | None:
    """The record as the partner has it now; None when it has none of this name, or answers with another one."""
    record = ask(partial(work.connector.fetch, stream, external_id))
    work.lease.check()
    return record if record is not None and record.get("external_id") == external_id else None
