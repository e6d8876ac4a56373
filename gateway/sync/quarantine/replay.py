"""Replaying rejected records through the engine as it is today: as the partner has them now, or else as they came."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import text

from connectors.base import ConnectorError
from gateway.db import Query, Transaction, transaction
from gateway.sync import places
from gateway.sync.single import answered
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work

_BATCH = 50
_NEXT = Query(
    text(
        """
        SELECT id, external_id, raw, is_whole FROM sync_rejected
        WHERE link_id = :link AND stream = :stream AND id > :after
          AND (CAST(:ids AS uuid[]) IS NULL OR id = ANY(:ids))
          AND (CAST(:code AS jsonb) IS NULL OR reasons @> :code)
        ORDER BY id LIMIT :most
        """
    )
)


class _Kept(NamedTuple):
    """A rejected record as it is kept."""

    id: UUID
    external_id: str | None
    raw: str
    is_whole: bool


def replay(work: Work) -> None:
    """Take the chosen records again, customers first; one still wrong stays, with the reasons it has now."""
    for stream in STREAMS:
        if work.options.get("stream", stream) == stream:
            _replay_stream(work, stream)


def _replay_stream(work: Work, stream: str) -> None:
    while True:
        with transaction(work.caller) as tx:
            chosen = _next(tx, work, stream)
        if not chosen:
            return
        chosen, records, gone = _as_they_are_now(work, stream, chosen)
        with work.page(stream) as (tx, tally):
            tally["read"] += len(chosen)
            tally["rejected"] += len(chosen) - len(records) - len(gone)
            take(tx, work.link, STREAMS[stream], records, tally)
            follow_deletions(tx, work.link, STREAMS[stream], gone, tally)
            places.save(tx, work.lease.run_id, stream, str(chosen[-1].id))
        work.take_breath()


def _next(tx: Transaction, work: Work, stream: str) -> list[_Kept]:
    code = work.options.get("code")
    rows = tx.rows(
        _NEXT,
        link=work.link.id,
        stream=stream,
        after=places.read(tx, work.lease.run_id, stream) or UUID(int=0),
        ids=[UUID(each) for each in work.options["ids"]] if "ids" in work.options else None,
        code=Jsonb([{"code": code}]) if code else None,
        most=_BATCH,
    )
    return [_Kept(*row) for row in rows]


def _as_they_are_now(work: Work, stream: str, chosen: list[_Kept]) -> tuple[list[_Kept], list[Any], list[str]]:
    """Those of which the partner has told, the records to take of them, and the external ids of what it has no more.

    What it says today counts, in the form that today's settings give it; where it cannot be asked, what is kept.
    """
    can_ask = "fetch" in work.connector.can
    asked = [each.external_id for each in chosen if can_ask and each.external_id is not None]
    told = answered(work, stream, asked)
    dealt = list(takewhile(lambda each: each.external_id not in asked or each.external_id in told, chosen))
    heard = {name: record for name, record in told.items() if not isinstance(record, ConnectorError)}
    kept = [json.loads(each.raw) for each in dealt if each.external_id not in heard and each.is_whole]
    gone = [external_id for external_id, record in heard.items() if record is None]
    return dealt, [*kept, *(record for record in heard.values() if record is not None)], gone
