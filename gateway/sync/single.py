"""Asking a partner for one record at a time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from connectors.base import ConnectorError, Record
from connectors.errors import CredentialsRefused
from gateway.sync.calls import ask
from gateway.sync.work import SliceOver, Work


def fetched(work: Work, stream: str, external_id: str) -> Record | None:
    """The record as the partner has it now; None when it has none of this name, or answers with another one."""
    record = ask(partial(work.connector.fetch, stream, external_id))
    work.lease.check()
    return record if record is not None and record.get("external_id") == external_id else None


def answered(work: Work, stream: str, external_ids: Iterable[str]) -> dict[str, Record | ConnectorError | None]:
    """The first of these records as `fetched`, as far as the partner answers in this job's time.

    One that can never be asked for has the reason. Raises what keeps it from the very first: what was answered before a
    failure is taken, or no job would get farther than the one before it.
    """
    found: dict[str, Record | ConnectorError | None] = {}
    for external_id in external_ids:
        try:
            if found:
                work.take_breath()
            found[external_id] = _asked(work, stream, external_id)
        except (ConnectorError, SliceOver):
            if not found:
                raise
            break
    return found


def _asked(work: Work, stream: str, external_id: str) -> Record | ConnectorError | None:
    try:
        return fetched(work, stream, external_id)
    except CredentialsRefused:
        raise
    except ConnectorError as error:
        if not error.permanent:
            raise
        return error
