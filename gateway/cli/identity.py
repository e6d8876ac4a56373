"""`kopru identity`: matching the whole base, pairs that may be one customer, merging two, and taking that back."""

from __future__ import annotations

from uuid import UUID

import click

from gateway import features
from gateway.cli.naming import known
from gateway.cli.output import show_list, show_one, with_output
from gateway.cli.place import writing
from gateway.errors import NotFound
from gateway.identity import matchings
from gateway.identity import service as pairs
from gateway.identity.merging import plan, service
from gateway.identity.merging.service import Wish
from gateway.identity.merging.shown import merge_form, preview_form
from gateway.identity.shown import matching_form, pairs_form
from schemas.identity import OUTCOMES, STATUSES
from schemas.merge import CHOICES

MOVES = features.MOVES  # a merge moves what is registered in this very process
_PAIR = ("id", "outcome", "score", "first_id", "first_name", "second_id", "second_name", "status")
_FIELD = ("field", "chosen", "keep", "keep_source", "lose", "lose_source")
_MERGE = ("id", "keep_id", "lose_id", "merged_by", "created_at", "undone_at")
_MOST = 100
_choices = click.option(
    "--field", "fields", type=(str, click.Choice(CHOICES)), multiple=True, help="Whose value survives, by field."
)


@click.group()
def identity() -> None:
    """Find and merge records of one customer."""


@identity.command("run")
@with_output
def run(output: str) -> None:
    """Have the whole base matched in the background, by `kopru work upkeep`; it is resumed after a crash.

    What is written is matched by itself; a run finds what was there before, or compares all by new weights.
    """
    with writing("identity run") as tx:
        shown = matching_form(matchings.start(tx))
    show_one(shown, output)


@identity.command("status")
@with_output
def status(output: str) -> None:
    """Show how far the newest run over the whole base has come."""
    with writing("identity status") as tx:
        newest = matchings.newest(tx)
        if newest is None:
            raise NotFound("The base was never matched as a whole; begin with: kopru identity run")
        shown = matching_form(newest)
    show_one(shown, output)


@identity.command("pairs")
@click.option("--outcome", type=click.Choice(OUTCOMES), default="perhaps", show_default=True)
@click.option("--status", type=click.Choice(STATUSES), default="open", show_default=True)
@with_output
def list_pairs(outcome: str, status: str, output: str) -> None:
    """List pairs that may be one customer, the likeliest first."""
    with writing("identity pairs") as tx:
        found = pairs_form(tx, pairs.list_pairs(tx, outcome, status, None, _MOST))
    show_list(found, _PAIR, output, "No such pair.")


@identity.command("merge")
@click.argument("keep", type=click.UUID)
@click.argument("lose", type=click.UUID)
@_choices
@click.option("--dry-run", is_flag=True, help="Show what would come of it, and write nothing.")
@with_output
def merge(keep: UUID, lose: UUID, fields: tuple[tuple[str, str], ...], dry_run: bool, output: str) -> None:
    """Make the customer LOSE part of the customer KEEP, with all that belongs to it.

    \b
    Example:  kopru identity merge 0199… 019a… --dry-run
              kopru identity merge 0199… 019a… --field family_name lose
    """
    with writing("identity merge") as tx:
        if dry_run:
            shown = preview_form(plan.make(tx, keep, lose, dict(fields), lock=False), plan.counts(tx, lose))
        else:
            shown = merge_form(service.merge(tx, Wish(keep, lose, dict(fields))))
    if dry_run and output == "table":
        show_list(shown["fields"], _FIELD, output)
    else:
        show_one(shown, output)


@identity.command("unmerge")
@click.argument("merged", metavar="MERGE", type=click.UUID)
@with_output
def unmerge(merged: UUID, output: str) -> None:
    """Make two customers again of one; says what stayed with the survivor for want of a sign whose it is."""
    with known("merge", "identity merges"), writing("identity unmerge") as tx:
        shown = merge_form(service.undo(tx, merged))
    show_one(shown, output)


@identity.command("merges")
@click.option("--customer", type=click.UUID, help="Those that a customer was in, on either side.")
@with_output
def list_merges(customer: UUID | None, output: str) -> None:
    """List merges, the newest first."""
    with writing("identity merges") as tx:
        found = [merge_form(each) for each in service.find(tx, customer, None, _MOST)]
    show_list(found, _MERGE, output, "Nothing was merged yet.")
