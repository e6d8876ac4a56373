"""Coming back: a person may become a customer again by their own will, once somebody says so and why."""

from __future__ import annotations

from typing import Any

from gateway import audit
from gateway.customers import tombstones
from gateway.db import Transaction, now
from gateway.rights.cases import service as cases
from gateway.rights.erasure.models import Erasure


def readmit(tx: Transaction, said: dict[str, Any]) -> int:
    """Lift the tombstones of whoever is recognised by this; answers of how many erasures. The log is told by upkeep."""
    record = {name: said.get(name) for name in ("given_name", "organisation_name", "tax_id")}
    record["contact_points"] = [
        {"kind": kind, "value": value}
        for kind, name in (("email", "emails"), ("phone", "phones"))
        for value in said[name]
    ]
    tombstones.begin(tx)
    case_ids = tombstones.cases_of(tx, record)
    tombstones.lift(tx, case_ids)
    for case_id in case_ids:
        erasure = tx.session.get_one(Erasure, case_id)
        erasure.readmitted_at, erasure.is_logged = now(), False
        case = cases.get(tx, case_id)
        case.reason = said["reason"]
        cases.note_step(tx, case, "readmitted")
    audit.record(tx, "rights.readmission", "tombstone", "", {"found": len(case_ids)})
    return len(case_ids)
