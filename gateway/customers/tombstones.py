"""Tombstones: keyed marks of erased people, so that neither a sync nor a file nor a call brings one back.

A mark is an HMAC under a key that only the vault derives (`vault.mark`): the table tells nobody who was erased. A
tax id, an e-mail and a partner's own name of a record are enough; a phone counts with a given name alone, for families
share one. Whoever writes asks while holding a lock that an erasure takes alone, so nothing slips in while it begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import vault
from gateway.channels import Channel
from gateway.customers import contact
from gateway.db import Query, Transaction
from gateway.errors import Conflict, Invalid
from gateway.turkish import words

PURPOSE = "tombstones"
_LOCK = 0x6B6F7072750A
_MOST_WORDS = 4
RECOGNISED_BY = frozenset({"tax_id", "contact_points", "given_name", "family_name", "organisation_name"})
# The second is asked once the lock is held, and being volatile it sees what committed until then.
_ANY = Query(text(f"SELECT pg_advisory_xact_lock_shared({_LOCK}), has_tombstones()"))
_ALONE = Query(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
_AMONG = Query(text("SELECT erased_among(CAST(:marks AS bytea[]))"))
_PUT = Query(
    text(
        """
        INSERT INTO tombstones (mark, case_id, key_name)
        SELECT m.mark, :case_id, :key_name FROM unnest(CAST(:marks AS bytea[])) AS m (mark) ON CONFLICT DO NOTHING
        """
    )
)
_CASES = Query(text("SELECT DISTINCT case_id FROM tombstones WHERE mark = ANY(CAST(:marks AS bytea[]))"))
_LIFT = Query(text("DELETE FROM tombstones WHERE case_id = ANY(:case_ids)"))
_OF_CASE = Query(text("SELECT mark FROM tombstones WHERE case_id = :case_id ORDER BY mark"))


class Erased(Conflict):
    """An employee is about to bring back somebody who was erased."""

    code, title = "erased", "A person with these details was erased; readmit them first if they wish to come back"


class NotAccepted(Invalid):
    """A partner sends somebody who was erased; it learns no more than that this record is not taken here."""

    code, title = "not_accepted", "This record is not accepted here"


def keys_of(record: Mapping[str, Any]) -> Iterator[str]:
    """What a record is recognised by, in stored form or as a partner wrote it; what cannot be read is passed over."""
    yield from sure_keys_of(record)
    yield from (f"e:{value}" for kind, value in _contacts(record) if kind == "email")


def sure_keys_of(record: Mapping[str, Any]) -> Iterator[str]:
    """Those of them that are nobody else's: a tax id, and an e-mail or a phone together with a given name."""
    tax_id = record.get("tax_id")
    if isinstance(tax_id, str) and tax_id.strip():
        yield f"t:{''.join(filter(str.isalnum, tax_id)).upper()}"
    named = record.get("given_name") or record.get("organisation_name") or record.get("family_name")
    first = words(named)[:_MOST_WORDS] if isinstance(named, str) else []
    for kind, value in _contacts(record):
        yield from (f"{kind[0]}:{value}:{word}" for word in first)


def reference_key(link_id: UUID | str, external_id: str) -> str:
    """A partner's own name of a customer."""
    return f"r:{link_id}:{external_id}"


def interaction_key(link_id: UUID | str, external_id: str) -> str:
    """A partner's own name of an interaction with a customer."""
    return f"i:{link_id}:{external_id}"


def begin(tx: Transaction) -> None:
    """Wait for whoever is writing, and have those who come wait until this transaction ends."""
    tx.rows(_ALONE)


def put(tx: Transaction, case_id: UUID, keys: Iterable[str]) -> None:
    """Keep the marks of a person."""
    restore(tx, case_id, vault.key_names()[0], [vault.mark(key, PURPOSE) for key in sorted(set(keys))])


def restore(tx: Transaction, case_id: UUID, key_name: str, marks: Sequence[bytes]) -> None:
    """Keep marks that were made before."""
    tx.run(_PUT, case_id=case_id, key_name=key_name, marks=list(marks))


def marks_of(tx: Transaction, case_id: UUID) -> list[bytes]:
    """The marks that a case keeps."""
    return [bytes(mark) for (mark,) in tx.rows(_OF_CASE, case_id=case_id)]


def are_any(tx: Transaction) -> bool:
    """Whether anybody was erased at all; no erasure begins from now on until this transaction ends.

    To be asked before a customer is locked: an erasure takes the two in this order.
    """
    return bool((tx.first(_ANY) or (None, False))[1])


def erased_among(tx: Transaction, records: Iterable[Iterable[str]]) -> list[bytes | None]:
    """For each record, given by its keys, a mark by which it was erased, or None; nothing is computed without any.

    The lock is held to the end of the transaction, which is to write what this lets pass.
    """
    if not are_any(tx):
        return [None for _ in records]
    marked = [[mark for key in keys for mark in vault.marks(key, PURPOSE)] for keys in records]
    found = {bytes(row[0]) for row in tx.rows(_AMONG, marks=list({mark for marks in marked for mark in marks}))}
    return [next((mark for mark in marks if mark in found), None) for marks in marked]


def refuse_erased(tx: Transaction, record: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> None:
    """Raise Erased, outside NotAccepted, for a record of somebody who was erased.

    What it was recognised by `before` is its own: a relative with the same e-mail is left in peace.
    """
    keys = set(keys_of(record)).difference(keys_of(before or {}))
    if keys and erased_among(tx, [keys])[0] is not None:
        raise NotAccepted if tx.caller.channel in (Channel.EXTRANET, Channel.INTERNET) else Erased


def cases_of(tx: Transaction, record: Mapping[str, Any]) -> list[UUID]:
    """The cases by which somebody like this was erased; for the house's own work alone."""
    wanted = [mark for key in keys_of(record) for mark in vault.marks(key, PURPOSE)]
    return [case_id for (case_id,) in tx.rows(_CASES, marks=wanted)]


def lift(tx: Transaction, case_ids: Sequence[UUID]) -> None:
    """Let these people come back."""
    tx.run(_LIFT, case_ids=list(case_ids))


def _contacts(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    points = record.get("contact_points")
    for point in points if isinstance(points, list) else ():
        kind, value = (point.get("kind"), point.get("value")) if isinstance(point, Mapping) else (None, None)
        if kind in _READ and isinstance(value, str) and (read := _read(kind, value)):
            yield kind, read


_READ = {"email": contact.email, "phone": contact.phone}


def _read(kind: str, value: str) -> str:
    try:
        return _READ[kind](value.strip())
    except ValueError:
        return ""
