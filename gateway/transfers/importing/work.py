"""An import at work: a page of rows a step, committed with what it wrote, counted and found wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway import bulk, queue
from gateway.channels import Caller
from gateway.customers import bulk as customers
from gateway.db import Query, Transaction
from gateway.longrunning import kinds
from gateway.longrunning.kinds import Step
from gateway.longrunning.models import Operation
from gateway.transfers import owners, pieces
from gateway.transfers.importing import arrival, terms
from gateway.transfers.importing.plan import Fault, Plan, decide
from gateway.transfers.importing.reading.rows import Line, UnreadableFile
from gateway.transfers.models import Transfer

KIND, SCOPE = "customers.import", "customers:import"
# After so many pages the planner must learn how much tables have grown.
_GROWN = (2, 20, 200)
_GROWING = ("customers (id)", "shares (partner_id, customer_id)", "customer_keys (customer_id)")
# Else two imports of one owner could make the same customer, each before the other commits.
_ONE_AT_A_TIME = Query(text("SELECT pg_advisory_xact_lock(hashtextextended(:owner, 0))"))


@kinds.register(KIND, queue=queue.SYNC, scope=SCOPE)
def import_some(tx: Transaction, operation: Operation) -> Step:
    """Write the next page; raises UnreadableFile where the file is no longer kept, PartnerSuspended, Invalid."""
    number, import_id = operation.cursor.get("piece", 0), UUID(operation.options["import_id"])
    transfer = tx.session.get(Transfer, import_id)
    if transfer is None:
        raise UnreadableFile("The file is no longer kept.")
    if number == 0:
        pieces.drop(tx, import_id, pieces.ERRORS)
    lines = arrival.rows_of(tx, import_id, number)
    plan = _take(tx, operation, transfer, lines)
    if number + 1 in _GROWN:
        bulk.learn_sizes(tx, *_GROWING)
    if plan.faults:
        pieces.keep(tx, import_id, pieces.ERRORS, number, _told(plan.faults))
    result, is_over = _counted(operation.result or {}, plan), number + 1 >= transfer.pieces
    return Step(len(lines), len(plan.faults), {"piece": number + 1}, is_over, transfer.rows, result)


def _take(tx: Transaction, operation: Operation, transfer: Transfer, lines: Sequence[Line]) -> Plan:
    """Decide what the rows become, and write it unless all is only tried."""
    is_tried, owner = operation.options["dry_run"], owners.caller_of(tx, transfer)
    rules = terms.rules_of(transfer, owner, operation.options)
    tx.raw.execute(b"SET LOCAL statement_timeout = '60s'")
    tx.first(_ONE_AT_A_TIME, owner=f"import {owner.partner_id or ''}")
    with bulk.planned_afresh(tx):
        plan = decide(tx, rules, lines, lock=not is_tried)
        if not is_tried:
            asking = _in_name_of(tx, operation)
            customers.create(asking, list(plan.created.values()), owner.partner_id, ground="created")
            customers.change(asking, list(plan.changed.values()))
    return plan


def _in_name_of(tx: Transaction, operation: Operation) -> Transaction:
    """The same transaction, in which whoever asked is the actor; it sees what the house's own work sees."""
    kind, _, name = operation.started_by.partition(":")
    work = Caller.system("import")
    tx.caller = replace(work, username=name) if kind == "user" else replace(work, client_id=name)
    return tx


def _counted(before: dict[str, Any], plan: Plan) -> dict[str, Any]:
    counts = Counter({name: int(count) for name, count in before.items()})
    counts.update(each.outcome for each in plan.outcomes)
    counts["failed"] += len(plan.faults)
    return dict(counts)


def _told(faults: list[Fault]) -> bytes:
    return orjson.dumps([(each.line.number, each.errors, each.line.cells) for each in faults])
