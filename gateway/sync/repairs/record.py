"""Bringing one record into step: the partner is asked for it alone, and whatever waits for the partner is sent."""

from __future__ import annotations

from gateway.sync.calls import ask
from gateway.sync.push import push
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work


def read_record(work: Work) -> None:
    """Take the run's record as the partner has it now, follow its deletion, then push the stream's changes."""
    stream, external_id = work.options["stream"], work.options.get("external_id")
    if external_id is not None:
        record = ask(lambda: work.connector.fetch(stream, external_id))
        with work.page(stream) as (tx, tally):
            tally["read"] += 1
            if record is None:
                follow_deletions(tx, work.link, STREAMS[stream], [external_id], tally)
            else:
                take(tx, work.link, STREAMS[stream], [record], tally)
    if "push" in work.connector.can:
        push(work, stream)
