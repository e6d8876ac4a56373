"""`kopru sync preview`: what a run would do, with no change on either side."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click
import orjson
from rich.markup import escape

from gateway.cli.output import console_of, show_json, with_output
from gateway.cli.place import opened, writing
from gateway.cli.sync import ring_run, sync
from gateway.cli.sync_naming import link_of
from gateway.cli.sync_watch import watch
from gateway.sync import service
from gateway.sync.models import SyncRun
from gateway.sync.preview import service as previews
from gateway.sync.preview.models import Previewed

_SIGNS = {
    "create": "[green]+", "change": "[yellow]~", "delete": "[red]-", "reject": "[red]!", "conflict": "[magenta]?",
    "push_create": "[cyan]>", "push_update": "[cyan]>", "push_delete": "[cyan]>", "note": "[bold]·",
}  # fmt: skip
_WORDS = {"push_create": "create there", "push_update": "change there", "push_delete": "delete there"}
_LONGEST = 60


@sync.command("preview")
@click.argument("link")
@click.option("--pages", type=click.IntRange(1, 10_000), help="Read at most so many pages of each stream.")
@click.option("--full", is_flag=True, help="Preview a full run, which finds deletions the partner does not tell of.")
@with_output
def preview(link: str, pages: int | None, full: bool, output: str) -> None:
    """Show what a run on LINK would do; nothing changes, here or there.

    \b
    + created  ~ changed  - deleted  ! rejected  ? conflict  > written to the partner
    Example:  kopru sync preview "Eskişehir Oto DMS" --pages 2
    """
    options: dict[str, Any] = {name: value for name, value in (("pages", pages), ("full", full)) if value}
    with writing("sync preview") as tx:
        run_id = previews.ask(tx, link_of(tx, link).id, options).id
    with opened():
        ring_run(run_id)
        run = watch(run_id)
    with writing("sync preview") as tx:
        lines = previews.list_previewed(tx, run_id)
    show_json(_whole(run, lines)) if output == "json" else _draw(run, lines)
    sys.exit(0 if run.status == "succeeded" else 1)


def _whole(run: SyncRun, lines: list[Previewed]) -> dict[str, Any]:
    names = ("stream", "action", "external_id", "record_id", "changes", "reasons")
    items = [{name: getattr(line, name) for name in names} for line in lines]
    return {"run_id": run.id, "status": run.status, "error": run.error, "streams": service.counts_of(run),
            "items": items}  # fmt: skip


def _draw(run: SyncRun, lines: list[Previewed]) -> None:
    console = console_of()
    for line in lines:
        for row in _rows(line):
            console.print(row, soft_wrap=True)
    for stream, counts in service.counts_of(run).items():
        told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
        console.print(escape(f"{stream}: {told or 'nothing to do'}"))
    if run.error:
        console.print(escape(f"The preview {run.status}: {run.error}"))


def _rows(line: Previewed) -> Iterator[str]:
    """A line for the record, then one for each of its fields and reasons."""
    word = _WORDS.get(line.action, line.action)
    name = line.external_id or (line.record_id and str(line.record_id)) or ""
    yield f"{_SIGNS[line.action]}[/] {line.stream[:-1]} {escape(name)}  [dim]{word}[/]"
    for change in line.changes:
        old = "" if line.action in ("create", "push_create") else f"{_cell(change['old'])} → "
        yield f"    {escape(change['field'])}: {old}{_cell(change['new'])}"
    for reason in line.reasons:
        yield f"    {escape(reason['pointer'])} {escape(reason['message'])}"


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else "–" if value is None else orjson.dumps(value).decode()
    return escape(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
