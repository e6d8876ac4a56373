"""Asking for previews, and reading them. Nothing here commits."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway.db import Transaction
from gateway.sync import runs
from gateway.sync.models import PREVIEW, SyncRun
from gateway.sync.preview.models import Previewed


def ask(tx: Transaction, link_id: UUID, options: dict[str, Any]) -> SyncRun:
    """Ask for a preview of `pages` at most, or of a `full` run; raises what `runs.start_run` raises."""
    return runs.start_run(tx, link_id, PREVIEW, options)


def list_previewed(
    tx: Transaction,
    run_id: UUID,
    after: int | None = None,
    limit: int | None = None,
    *,
    action: str | None = None,
    stream: str | None = None,
) -> list[Previewed]:
    """What a preview has shown, in the order in which it would happen; raises NotFound where there is no such run."""
    run = runs.get_run(tx, run_id)
    statement = select(Previewed).where(Previewed.run_id == run.id).order_by(Previewed.number)
    filters = {"action": action, "stream": stream}
    statement = statement.filter_by(**{name: value for name, value in filters.items() if value is not None})
    return tx.scalars((statement if after is None else statement.where(Previewed.number > after)).limit(limit))
