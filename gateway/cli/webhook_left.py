"""The endpoints of `kopru webhook listen`: known by their description, and removed once nobody is there."""

from __future__ import annotations

import socket

from sqlalchemy import select

from gateway.cli.webhook_receiver import HERE
from gateway.db import Transaction
from gateway.guarded import AddressRefused
from gateway.guarded_sender import Sender, SendFailed
from gateway.webhooks.endpoints import service
from gateway.webhooks.models import Endpoint

_SECONDS = 2.0
# Loopback is another place on another machine: only what was opened on this one is judged.
MARK = f"kopru webhook listen on {socket.gethostname()}"


def listening(tx: Transaction) -> list[Endpoint]:
    """The endpoints that `listen` has opened on this machine."""
    marked = select(Endpoint).filter_by(description=MARK, status="active", deleted_at=None)
    return tx.scalars(marked.order_by(Endpoint.id))


def clean_up(tx: Transaction, sender: Sender) -> int:
    """Remove what a `listen` left that was killed; answers how many."""
    statement = select(Endpoint).filter_by(description=MARK, deleted_at=None)
    gone = [each.id for each in tx.scalars(statement) if not _is_there(sender, each.url)]
    for endpoint_id in gone:
        service.delete(tx, endpoint_id)
    return len(gone)


def _is_there(sender: Sender, url: str) -> bool:
    try:
        return sender.post(url + HERE, b"", {}, _SECONDS).status == 204
    except (AddressRefused, SendFailed):
        return False
