"""`kopru sync requests`: what a run asked its partner."""

from __future__ import annotations

from uuid import UUID

import click

from gateway.cli.naming import known
from gateway.cli.output import show_list, with_output
from gateway.cli.place import writing
from gateway.cli.sync import sync
from gateway.sync.runs import get_run
from gateway.sync.traffic import request_log
from schemas.projection import show
from schemas.sync_request import SentRequest


@sync.command("requests")
@click.argument("run", type=click.UUID)
@with_output
def list_requests(run: UUID, output: str) -> None:
    """List the requests of RUN that are kept, for a week: the first 200, the last 1000 and 1000 failures."""
    with known("run", "sync runs"), writing("sync requests") as tx:
        records = [show(SentRequest, each) for each in request_log.list_requests(tx, get_run(tx, run).id)]
    show_list(records, tuple(SentRequest._declared_fields), output, "This run has sent nothing yet.")
