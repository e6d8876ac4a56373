"""`kopru rights show`, `preview`, `start`, `refuse`: one request about personal data, from its coming to its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click

from gateway.cli.output import show_json, show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.cli.rights import rights
from gateway.db import Transaction, now
from gateway.errors import Conflict, NotFound
from gateway.rights.cases import service
from gateway.rights.cases.models import RightsCase
from gateway.rights.erasure import work
from gateway.validation import load
from schemas.rights import Refusal

# Not what was asked for or answered in words: who runs the installation need not read what people said.
_CASE = (
    "id", "kind", "customer_id", "status", "asked_by", "created_at", "due_at", "started_at", "ended_at", "operation_id",
)  # fmt: skip
_STEP = ("at", "step", "actor")


@rights.command("show")
@click.argument("case", type=click.UUID)
@with_output
def show_case(case: UUID, output: str) -> None:
    """Show the request CASE and every step it has taken."""
    with writing("rights show") as tx:
        found = _case(tx, case)
        shown = _shown(found)
        steps = [{name: getattr(each, name) for name in _STEP} for each in service.steps_of(tx, [case])[case]]
    if output == "json":
        show_json(shown | {"steps": steps})
        return
    show_one(shown, output)
    click.echo()
    show_list(steps, _STEP, output)


@rights.command("preview")
@click.argument("case", type=click.UUID)
@with_output
def preview(case: UUID, output: str) -> None:
    """Count what the erasure that CASE asks for would remove, by what it is; nothing is written."""
    with writing("rights preview") as tx:
        found = _case(tx, case)
        if found.kind != work.ERASURE.name:
            raise Conflict(f"This is a request of {found.kind}: nothing is erased for it.")
        counts = work.preview(tx, found.customer_id)
    rows = [{"what": what, "count": count} for what, count in sorted(counts.items()) if count]
    show_list(rows, ("what", "count"), output, "There is nothing left of this customer.")


@rights.command("start")
@click.argument("case", type=click.UUID)
@click.confirmation_option(prompt="Is it certain that the customer asked for it? An erasure cannot be taken back")
@with_output
def start(case: UUID, output: str) -> None:
    """Have the work of CASE begin; `kopru work sync` does what takes long. See kopru rights preview before an erasure.

    \b
    Example:  kopru rights start 0193… --yes
    """
    with writing("rights start") as tx:
        _case(tx, case)
        shown = _shown(service.start(tx, case))
    show_one(shown, output)


@rights.command("refuse")
@click.argument("case", type=click.UUID)
@click.option("--reason", required=True, help="The customer reads it.")
@with_output
def refuse(case: UUID, reason: str, output: str) -> None:
    """Refuse CASE and say why, such as for what the law has us keep.

    \b
    Example:  kopru rights refuse 0193… --reason "Yasal saklama süresi dolmadı (VUK m. 253)."
    """
    said = load(Refusal, {"reason": reason})
    with writing("rights refuse") as tx:
        _case(tx, case)
        shown = _shown(service.refuse(tx, case, said["reason"]))
    show_one(shown, output)


def _case(tx: Transaction, case_id: UUID) -> RightsCase:
    try:
        return service.get(tx, case_id)
    except NotFound:
        raise NotFound(f"There is no request {case_id}; see: kopru rights list") from None


def _shown(case: RightsCase) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _CASE} | {"is_overdue": service.is_overdue(case, now())}
