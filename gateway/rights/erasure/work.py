"""An erasure at work: step after step, each a transaction that says how far it has come and may run again.

First the person is locked out and marked, then every feature forgets them, and then once more, for what was under way
meanwhile; last of all the partners are told and the log outside the database learns of it.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit, queue
from gateway.accounts import service as accounts
from gateway.accounts.models import User
from gateway.customers import erasing, tombstones
from gateway.db import Query, Transaction, now
from gateway.longrunning import kinds
from gateway.longrunning import service as longrunning
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.rights.cases import service as cases
from gateway.rights.cases.kinds import Kind, register
from gateway.rights.cases.models import RightsCase
from gateway.rights.erasure import log, notices, person
from gateway.rights.erasure.models import Erasure

KIND, SCOPE = "rights.erasure", "rights:write"
_STATEMENT = b"SET LOCAL statement_timeout = '600s'"  # events have no index by customer, for writing them would pay
_LOOKING = b"SET LOCAL statement_timeout = '60s'"
_ROUNDS = 2
_FORMER = Query(text("SELECT former_ids(:id)"))
_UNSHARE = Query(text("DELETE FROM shares WHERE customer_id = ANY(:ids)"))


def begin(tx: Transaction, case: RightsCase) -> None:
    """Start to erase the customer of a case; raises TooManyOperations."""
    former = tx.first(_FORMER, id=case.customer_id)
    others = [each for each in (former[0] if former else []) if each != case.customer_id]
    tx.session.add(Erasure(case_id=case.id, customer_ids=[case.customer_id, *others], counts={}, began_at=now()))
    tx.session.flush()
    go_on(tx, case)


def go_on(tx: Transaction, case: RightsCase) -> Operation:
    """Have a worker do it, from the beginning: what is gone already costs nothing."""
    operation = longrunning.start(tx, KIND, {"case_id": str(case.id)}, case.id)
    case.operation_id = operation.id
    return operation


def preview(tx: Transaction, customer_id: UUID) -> dict[str, int]:
    """How much would be forgotten of a customer, by what it is; nothing is written."""
    tx.raw.execute(_LOOKING)
    former = tx.first(_FORMER, id=customer_id)
    erasure = Erasure(case_id=UUID(int=0), customer_ids=list(former[0]) if former else [customer_id], began_at=now())
    whom = person.find(tx, erasure, lock=False)
    return {forget.name: forget.count(tx, whom) for forget in erasing.registered()}


@kinds.register(KIND, queue=queue.SYNC, scope=SCOPE)
def erase_some(tx: Transaction, operation: Operation) -> Step:
    """The next step."""
    tx.raw.execute(_STATEMENT)
    number, forgets = operation.cursor.get("step", 0), erasing.registered()
    case = cases.get(tx, UUID(operation.options["case_id"]), lock=True)
    erasure = tx.session.get_one(Erasure, case.id, with_for_update=True)
    total = 3 + _ROUNDS * len(forgets)
    ids = person.present_ids(tx, erasure, case.customer_id)
    if set(ids) != set(erasure.customer_ids):  # merged or taken apart since: all of it from the beginning
        erasure.customer_ids, number = ids, 0
    if number == 0:
        _lock_out(tx, erasure)
        cases.end_others(tx, case, ids)
    elif number <= total - 3:
        _forget(tx, erasure, forgets[(number - 1) % len(forgets)])
    elif number == total - 2 and {forget.name for forget in forgets} - erasure.counts.keys():
        return Step(0, 0, {"step": 1})  # another release began it, which knew less
    elif number == total - 2:
        _finish(tx, case, erasure)
    else:
        log.write(tx, erasure)
    return Step(1, 0, {"step": number + 1}, number == total - 1, total)


def _lock_out(tx: Transaction, erasure: Erasure) -> None:
    """Nobody may bring the person back, no partner sees them and they cannot sign in; who had them is written down."""
    tombstones.begin(tx)
    ids = list(erasure.customer_ids)
    person.find(tx, erasure)
    tombstones.put(tx, erasure.case_id, person.keys_of(tx, ids))
    notices.prepare(tx, erasure)
    for user in tx.scalars(select(User).where(User.customer_id.in_(ids))):
        accounts.set_status(tx, user, "disabled")
    tx.run(_UNSHARE, ids=ids)


def _forget(tx: Transaction, erasure: Erasure, forget: erasing.Forget) -> None:
    found = forget.forget(tx, person.find(tx, erasure))
    erasure.counts = _added(erasure.counts, forget.name, found)


def _added(counts: dict[str, Any], name: str, found: int) -> dict[str, Any]:
    return {**counts, name: counts.get(name, 0) + found}


def _finish(tx: Transaction, case: RightsCase, erasure: Erasure) -> None:
    erasure.erased_at, erasure.is_logged = erasure.erased_at or now(), False
    notices.tell(tx, erasure)
    cases.end_others(tx, case, erasure.customer_ids)
    cases.note_step(tx, case, "erased")
    audit.record(tx, "customer.erased", "customer", case.customer_id, {"case_id": str(case.id)})
    close(tx, case)


def close(tx: Transaction, case: RightsCase) -> None:
    """Complete a case whose erasure is done and whose partners have all answered; else nothing happens."""
    told = notices.of_case(tx, case.id)
    erasure = tx.session.get(Erasure, case.id)
    if erasure is None or erasure.erased_at is None or any(each.acknowledged_at is None for each in told):
        return
    cases.complete(tx, case, {"erased": sum(erasure.counts.values()), "partners": len(told)})


ERASURE = register(Kind("erasure", begin))
