"""The work of requests for access: a long operation each, begun again where it ended in vain, and its expiry."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import queue
from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import Query, Transaction, transaction
from gateway.longrunning import kinds as works
from gateway.longrunning import service as longrunning
from gateway.longrunning.kinds import Held, Step
from gateway.longrunning.models import Operation
from gateway.rights.access import own, service
from gateway.rights.cases import service as cases
from gateway.rights.cases.kinds import Kind, register
from gateway.rights.cases.models import RightsCase

WORK = "rights.access"
SECTIONS = own.FEATURES
_CALLER = Caller.system("subject access")
_LEFT = Query(
    text(
        """
        SELECT c.id FROM rights_cases c LEFT JOIN operations o ON o.id = c.operation_id
        WHERE c.kind = 'access' AND c.status = 'in_progress' AND (o.id IS NULL OR o.finished_at IS NOT NULL) LIMIT 20
        """
    )
)


def begin(tx: Transaction, case: RightsCase) -> None:
    """Have the answer made in the background."""
    case.operation_id = longrunning.start(tx, WORK, {"case_id": str(case.id)}, case.id).id


def write_answer(options: dict[str, Any], held: Held) -> None:
    """Write the answer to a case that still waits for it; again, it takes the place of what was written."""
    with held() as tx:
        case = cases.get(tx, UUID(options["case_id"]), lock=True)
        answer = service.begin(tx, case, read_settings()) if case.status == "in_progress" else None
    if answer is not None:
        service.write(answer, held)


@works.register(WORK, queue=queue.SYNC, scope="rights:read", prepare=write_answer)
def give_answer(tx: Transaction, operation: Operation) -> Step:
    """The end of a case whose answer is whole; one that was dropped meanwhile is written again."""
    case = cases.get(tx, UUID(operation.options["case_id"]), lock=True)
    if case.status != "in_progress":
        return Step(is_over=True)
    result = service.told(tx, case.id)
    if result is None:
        return Step()
    cases.complete(tx, case, result)
    return Step(done=1, total=1, is_over=True, result=result)


@queue.chore(every_seconds=300)
def go_on_with_answers() -> None:
    """Begin again what has ended without an answer."""
    with transaction(_CALLER) as tx:
        for (case_id,) in tx.rows(_LEFT):
            begin(tx, cases.get(tx, case_id, lock=True))


@queue.chore(every_seconds=3600)
def forget_answers() -> None:
    """Remove answers that have expired."""
    with transaction(_CALLER) as tx:
        service.forget(tx)


register(Kind("access", begin))
