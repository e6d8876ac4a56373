"""The limit on rejected records: a run in which too much is wrong stops and says what."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import text

from connectors.base import ConnectorError
from gateway.db import Query, Transaction, transaction
from gateway.sync.work import Work

LEAST_READ = 100
_NEW = Query(
    text(
        """
        SELECT count(*) FROM sync_rejected r JOIN sync_runs run ON run.id = :run
        WHERE r.link_id = run.link_id AND r.stream = :stream AND r.first_seen_at >= run.started_at
        """
    )
)
_COMMONEST = Query(
    text(
        r"""
        SELECT regexp_replace(reason ->> 'pointer', '/\d+', '/*', 'g'), reason ->> 'code', count(*)
        FROM sync_rejected r JOIN sync_runs run ON run.id = :run, jsonb_array_elements(r.reasons) AS reason
        WHERE r.link_id = run.link_id AND r.stream = :stream AND r.first_seen_at >= run.started_at
        GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 3
        """
    )
)


def check(work: Work, stream: str) -> None:
    """Raise a permanent ConnectorError when too many of this run's records are newly rejected; all of them are kept.

    Those that were rejected before, and come again as they were, do not count: nobody is to be stopped by them twice.
    """
    counts = work.streams.get(stream, {})
    if _may_be_too_much(work, counts):
        with transaction(work.caller) as tx:
            check_within(tx, work, stream, counts)


def check_within(tx: Transaction, work: Work, stream: str, counts: Mapping[str, int]) -> None:
    """The same in a transaction of the caller's, with counts that are not saved yet."""
    if not _may_be_too_much(work, counts):
        return
    row, read = tx.first(_NEW, run=work.lease.run_id, stream=stream), counts["read"]
    rejected = row[0] if row else 0
    if rejected > work.link.most_rejected_share * read:
        raise ConnectorError(_told(tx, work, stream, f"{rejected:,} of {read:,} {stream}"), permanent=True)


def _may_be_too_much(work: Work, counts: Mapping[str, int]) -> bool:
    read = counts.get("read", 0)
    return read >= LEAST_READ and counts.get("rejected", 0) > work.link.most_rejected_share * read


def _told(tx: Transaction, work: Work, stream: str, how_many: str) -> str:
    found = tx.rows(_COMMONEST, run=work.lease.run_id, stream=stream)
    reasons = ", ".join(f"{pointer or 'the record'}: {code} ({count:,})" for pointer, code, count in found)
    return (
        f"{how_many} were rejected in this run, more than the {work.link.most_rejected_share:.0%} that this link "
        f"allows; most often {reasons}. They are kept: mend the link's settings or raise its limit, resume it, and "
        "replay them."
    )
