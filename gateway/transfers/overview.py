"""Every file, whoever's, with the work on it that was started last. Nothing here commits."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from gateway.db import Transaction
from gateway.errors import Conflict, NotFound
from gateway.longrunning import service as longrunning
from gateway.longrunning.models import ACTIVE, Operation
from gateway.partners.models import Partner
from gateway.transfers.models import Transfer


class Standing(NamedTuple):
    """A file, the code of its partner (None: the house's), and the work on it, if any was started."""

    transfer: Transfer
    partner: str | None
    work: Operation | None


_STANDING = (
    select(Transfer, Partner.code, Operation)
    .outerjoin(Partner, Partner.id == Transfer.partner_id)
    .outerjoin(Operation, Operation.id == Transfer.operation_id)
)


def find(tx: Transaction, limit: int, *, is_active: bool = False) -> list[Standing]:
    """Files, the newest first; with `is_active` those that are worked on, or wait for it."""
    statement = _STANDING.order_by(Transfer.id.desc()).limit(limit)
    statement = statement.where(Operation.status.in_(ACTIVE)) if is_active else statement
    return [Standing._make(row) for row in tx.session.execute(statement)]


def cancel(tx: Transaction, transfer_id: UUID) -> Standing:
    """Ask the work on a file to end; what has ended stays as it is. Raises NotFound, Conflict where there was none."""
    row = tx.session.execute(_STANDING.where(Transfer.id == transfer_id)).first()
    if row is None:
        raise NotFound
    standing = Standing._make(row)
    if standing.work is None:
        raise Conflict("No work on this file was started; its owner can remove it.")
    longrunning.cancel(tx, standing.work.id)
    return standing
