"""`kopru claim`: what partners claim to have brought."""

from __future__ import annotations

import click

from gateway.claims import evidence, service
from gateway.claims.models import Claim
from gateway.cli.naming import partner_of
from gateway.cli.output import show_list, with_output
from gateway.cli.place import writing
from schemas.claim import STATUSES

_SAME = (
    "id", "partner", "customer_id", "scope", "raised_by", "status", "told", "submitted_at", "answer_by", "decided_by",
    "protected_until",
)  # fmt: skip
_CLAIM = ("id", "partner", "scope", "status", "told", "proved", "submitted_at", "answer_by", "protected_until")
_MOST = 100


@click.group()
def claim() -> None:
    """Look at what partners claim."""


@claim.command("list")
@click.option("--status", type=click.Choice(STATUSES), default="submitted", show_default=True)
@click.option("--partner", help="Only those of this partner, by code or id.")
@with_output
def list_claims(status: str, partner: str | None, output: str) -> None:
    """List claims in one state, the oldest first, and by when each is answered; about whom, the house alone is shown.

    \b
    Example:  kopru claim list --status under_review
    """
    with writing("claim list") as tx:
        wanted = {"status": status} | ({"partner": partner_of(tx, partner).code} if partner else {})
        shown = [_shown(each) for each in service.find(tx, wanted, None, _MOST)]
    show_list(shown, _CLAIM, output, "No such claim.")


def _shown(found: Claim) -> dict[str, object]:
    proved = evidence.is_valid(found.evidence, found.submitted_at)
    return {name: getattr(found, name) for name in _SAME} | {"proved": proved}
