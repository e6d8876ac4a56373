"""A run of mode `preview`: read, rehearse, and keep what was seen; nothing else changes on either side."""

from __future__ import annotations

from connectors.base import ConnectorError
from gateway.db import transaction
from gateway.sync.preview import kept, lines
from gateway.sync.preview.gather import ask, gather
from gateway.sync.preview.lines import Line
from gateway.sync.preview.rehearse import Rehearsal, rehearse
from gateway.sync.work import Work

MOST_LINES = 10_000


def preview(work: Work) -> None:
    """Show what a run would do. Interrupted, it begins again: there is nothing to go on from."""
    if work.options.get("full") and "full_listing" not in work.connector.can:
        raise ConnectorError(f"{work.connector.title} cannot list everything it has, so no full run can.", True)
    with transaction(work.caller) as tx:
        work.lease.hold(tx)
        kept.begin_again(tx, work.link.id, work.lease.run_id)
    gathered = gather(work)
    rehearsed = rehearse(work, gathered)
    while rehearsed.unasked and (answers := ask(work, rehearsed.unasked)):
        gathered.answers |= answers
        rehearsed = rehearse(work, gathered)
    shown = _bounded(rehearsed, gathered.cut)
    for stream, counts in rehearsed.tallies.items():
        with work.page(stream) as (tx, tally):
            tally.update(counts)
            kept.add(tx, work.lease.run_id, [each for each in shown if each[1].stream == stream])


def _bounded(rehearsed: Rehearsal, cut: str | None) -> list[tuple[int, Line]]:
    shown, more = rehearsed.lines[:MOST_LINES], len(rehearsed.lines) - MOST_LINES
    last = next(iter(rehearsed.tallies), "customers")
    if more > 0:
        shown.append(lines.note(last, f"{more:,} more records are counted, but not listed."))
    if cut is not None:
        shown.append(lines.note(last, cut))
    return list(enumerate(shown))
