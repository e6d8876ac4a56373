"""Noting that customers were read, in the very transaction that read them: no read is answered that is not noted.

The note goes to the database in COMMIT's own round trip and to a table without an index; `filing` sorts it later. Where
nothing but the note is written, the commit does not wait for the disk: a killed server of ours loses none, a database
that loses its power the notes of its last second.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from uuid import UUID

import orjson

from gateway.channels import Caller, Channel
from gateway.db import Transaction

_NOTED = (Channel.EXTRANET, Channel.INTRANET)
_WITHOUT_WAITING = b"SET LOCAL synchronous_commit=off;"


def note(tx: Transaction, what: str, customer_ids: Iterable[UUID]) -> None:
    """Note that the caller was shown `what` of these customers; what a person reads of their own needs no note."""
    if tx.caller.channel in _NOTED and (commands := as_commands(tx.caller, what, customer_ids)):
        tx.close_with(commands)


def as_commands(caller: Caller, what: str, customer_ids: Iterable[UUID]) -> bytes:
    """The commands that write a note, nothing where nobody was shown."""
    packed = b"".join({each.bytes: None for each in customer_ids})
    return _beginning(caller, what) + packed.hex().encode() + b"','hex'))" if packed else b""


@lru_cache(maxsize=4096)
def _beginning_of(
    channel: str, partner_id: UUID | None, actor: str, role: str, what: str, purpose: str, is_person: bool
) -> bytes:
    who = orjson.dumps(
        {
            "channel": channel,
            "partner_id": partner_id,
            "actor": actor,
            "role": role,
            "what": what,
            "purpose": purpose,
        }
    )
    # Only hexadecimal digits of ours are put into it, so nothing that anybody calls himself can be a command.
    note = b"INSERT INTO reads (who,customers) VALUES (decode('" + who.hex().encode() + b"','hex'),decode('"
    # What people do is in the audit trail as well, and that waits for the disk.
    return note if is_person else _WITHOUT_WAITING + note


def _beginning(caller: Caller, what: str) -> bytes:
    return _beginning_of(
        caller.channel.value,
        caller.partner_id,
        caller.actor,
        caller.role,
        what,
        caller.present_purpose,
        caller.is_person,
    )
