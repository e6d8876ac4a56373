"""After a restore: whoever the erasure log tells of is erased again, under their old ids or under another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import vault
from gateway.customers import tombstones
from gateway.db import Query, Transaction, now
from gateway.longrunning.models import Operation
from gateway.rights.cases import service as cases
from gateway.rights.cases.models import RightsCase
from gateway.rights.erasure import work
from gateway.rights.erasure.log import Line
from gateway.rights.erasure.models import Erasure

_AT_ONCE = 2_000
_STATEMENT = b"SET LOCAL statement_timeout = '600s'"
_CUSTOMERS = Query(
    text(
        """
        SELECT id, given_name, family_name, organisation_name, tax_id, contact_points FROM customers
        WHERE id > :after ORDER BY id LIMIT :most
        """
    )
)
_REFERENCES = Query(
    text(
        """
        SELECT link_id, stream, external_id, record_id FROM sync_references
        WHERE stream = 'customers' AND (link_id, external_id) > (:link, :after)
        ORDER BY link_id, stream, external_id LIMIT :most
        """
    )
)
_HERE = Query(text("SELECT id FROM customers WHERE id = ANY(:ids)"))
_CLOSE_OTHERS = Query(
    text(
        """
        UPDATE rights_cases SET status = 'completed', ended_at = now()
        WHERE kind = 'erasure' AND customer_id = :customer AND id <> :case_id AND ended_at IS NULL
        """
    )
)


def left_to_do(tx: Transaction, lines: Sequence[Line]) -> dict[UUID, set[UUID]]:
    """The erasures of the log that do not hold here, each with the customers that are back (perhaps none)."""
    tx.raw.execute(_STATEMENT)
    held = [line for line in lines if line.readmitted_at is None]
    back = _recognised(tx, held)
    for line in held:
        back[line.case_id].update(row[0] for row in tx.rows(_HERE, ids=line.customer_ids))
    return {line.case_id: back[line.case_id] for line in held if back[line.case_id] or not _is_known(tx, line)}


def erase_again(tx: Transaction, line: Line, found: Iterable[UUID]) -> Operation:
    """Begin to erase again; the case is made anew where the backup does not know of it."""
    tombstones.restore(tx, line.case_id, line.key_name, line.marks)
    ids = list(dict.fromkeys([*line.customer_ids, *found]))
    case = _case(tx, line, ids[0])
    erasure = tx.session.get(Erasure, line.case_id)
    if erasure is None:
        erasure = Erasure(case_id=line.case_id, customer_ids=ids, counts={}, began_at=now())
        tx.session.add(erasure)
    erasure.customer_ids = list(dict.fromkeys([*erasure.customer_ids, *ids]))
    erasure.erased_at, erasure.is_logged = None, False
    cases.note_step(tx, case, "replayed")
    return work.go_on(tx, case)


def _is_known(tx: Transaction, line: Line) -> bool:
    erasure = tx.session.get(Erasure, line.case_id)
    return erasure is not None and erasure.erased_at is not None


def _case(tx: Transaction, line: Line, customer_id: UUID) -> RightsCase:
    tx.run(_CLOSE_OTHERS, customer=customer_id, case_id=line.case_id)
    case = tx.session.get(RightsCase, line.case_id)
    if case is None:
        moment = now()
        case = RightsCase(
            id=line.case_id, kind=work.ERASURE.name, customer_id=customer_id, channel="intranet",
            asked_by=tx.caller.actor, wish={}, due_at=moment, created_at=moment, started_at=moment, version=1,
        )  # fmt: skip
        tx.session.add(case)
    case.status, case.ended_at = "in_progress", None
    tx.session.flush()
    return case


def _recognised(tx: Transaction, lines: Sequence[Line]) -> dict[UUID, set[UUID]]:
    wanted = {mark: line.case_id for line in lines for mark in line.marks}
    found: dict[UUID, set[UUID]] = defaultdict(set)
    if wanted:
        for customer_id, key in _keys(tx):
            for mark in vault.marks(key, tombstones.PURPOSE):
                if mark in wanted:
                    found[wanted[mark]].add(customer_id)
    return found


def _keys(tx: Transaction) -> Iterator[tuple[UUID, str]]:
    """What every customer of the base is surely recognised by: nobody is erased for an e-mail that others share."""
    after = UUID(int=0)
    while rows := tx.rows(_CUSTOMERS, after=after, most=_AT_ONCE):
        for row in rows:
            yield from ((row[0], key) for key in tombstones.sure_keys_of(_record(row)))
        after = rows[-1][0]
    link, after_name = UUID(int=0), ""
    while rows := tx.rows(_REFERENCES, link=link, after=after_name, most=_AT_ONCE):
        yield from ((row[3], tombstones.reference_key(row[0], row[2])) for row in rows)
        link, after_name = rows[-1][0], rows[-1][2]


def _record(row: Sequence[Any]) -> Mapping[str, Any]:
    names = ("given_name", "family_name", "organisation_name", "tax_id", "contact_points")
    return dict(zip(names, row[1:], strict=True))
