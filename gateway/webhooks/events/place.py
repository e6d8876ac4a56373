"""A reader's place as it is handed out: opaque, for it would tell how much happens that its holder may not see."""

from __future__ import annotations

import base64

from gateway import vault
from gateway.channels import Caller
from gateway.commit_order import Place
from gateway.errors import refuse_parameter


def write(place: Place, caller: Caller) -> str:
    """The place, sealed for whoever the caller is or stands for."""
    sealed = vault.seal_bytes(f"{place.txid} {place.position}".encode(), _bound_to(caller))
    return base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read(after: str, caller: Caller) -> Place:
    """The place inside; raises BadRequest for one that was altered or is another's."""
    try:
        sealed = base64.urlsafe_b64decode(after.encode("ascii") + b"=" * (-len(after) % 4))
        txid, position = vault.unseal_bytes(sealed, _bound_to(caller)).split()
    except (ValueError, vault.SealBroken):
        raise refuse_parameter("after", "invalid", "Give `next` of an answer you got yourself, or none.") from None
    return Place(txid.decode(), int(position))


def _bound_to(caller: Caller) -> str:
    # Not to one client: a partner that replaces its client goes on where it was.
    return f"events:{caller.channel}:{caller.partner_id or ''}:{caller.customer_id or ''}"
