"""The endpoints of `kopru webhook listen`: known by their description, and removed once nobody is there."""

from __future__ import annotations

import socket
from contextlib import suppress
from uuid import UUID

from sqlalchemy import select

from gateway.cli.place import operator
from gateway.cli.webhook_receiver import HERE
from gateway.db import Transaction, transaction
from gateway.errors import NotFound
from gateway.guarded import AddressRefused
from gateway.guarded_sender import Sender, SendFailed
from gateway.webhooks.endpoints import service
from gateway.webhooks.models import Endpoint

_SECONDS = 2.0
# Loopback is another place on another machine: only what was opened on this one is judged.
MARK = f"kopru webhook listen on {socket.gethostname()}"
_MARKED = {"description": MARK, "deleted_at": None}
_CALLER = operator("webhook listen")
_KILLED = " any more: kopru webhook listen was killed, and the next one removes what it left"
_START = "Start kopru webhook listen in another terminal, or name an --endpoint."


def listening(sender: Sender) -> list[UUID]:
    """The endpoints of every `listen` on this machine that can be sent to; raises NotFound where there is none."""
    with transaction(_CALLER) as tx:
        marked = _marked(tx, status="active")
    there = [endpoint_id for endpoint_id, url in marked if _is_there(sender, url)]
    if not there:
        raise NotFound(f"Nobody listens{_KILLED if marked else ''}. {_START}")
    return there


def clean_up(sender: Sender) -> None:
    """Remove what a `listen` left that was killed; nothing is held while it is looked for."""
    with transaction(_CALLER) as tx:
        marked = _marked(tx)
    for endpoint_id in [endpoint_id for endpoint_id, url in marked if not _is_there(sender, url)]:
        remove(endpoint_id)


def _marked(tx: Transaction, **more: str) -> list[tuple[UUID, str]]:
    found = tx.scalars(select(Endpoint).filter_by(**_MARKED, **more).order_by(Endpoint.id))
    return [(each.id, each.url) for each in found]


def remove(endpoint_id: UUID) -> None:
    """Remove an endpoint, unless somebody else has."""
    with suppress(NotFound), transaction(_CALLER) as tx:
        service.delete(tx, endpoint_id)


def _is_there(sender: Sender, url: str) -> bool:
    try:
        return sender.post(url + HERE, b"", {}, _SECONDS).status == 204
    except (AddressRefused, SendFailed):
        return False
