"""How much an endpoint may be sent now, whoever sends: its rate, enforced, and its circuit.

A rate is a bucket of tokens that holds a second's worth, and one at least. A circuit opens after some failures in a
row, for longer each time; when that is over one message at a time probes, and a success closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction

FAILURES_TO_OPEN = 5
FIRST_OPEN_SECONDS, LONGEST_OPEN_SECONDS = 30, 600
LONGEST_PAUSE_SECONDS = 3600
_PROBE_SECONDS = 30
_STALE = "interval '1 minute'"

PASSABLE = f"""coalesce(p.open_until, '-infinity') <= now()
    AND (p.failures < {FAILURES_TO_OPEN} OR coalesce(p.probing_until, '-infinity') <= now())"""
_TOKENS = """least(greatest(e.rate_per_minute / 60.0, 1),
                   p.tokens + extract(epoch FROM now() - p.drawn_at) * e.rate_per_minute / 60.0)"""

# Nobody waits for whoever draws for the same endpoint: it has its turn again in a moment.
_DRAW = Query(
    text(
        f"""
        SELECT e.id, least(CASE WHEN p.failures >= {FAILURES_TO_OPEN} THEN 1 ELSE told.share END,
                           coalesce(floor({_TOKENS}), told.share))::int
        FROM unnest(CAST(:ids AS uuid[]), CAST(:shares AS int[])) AS told (id, share)
        JOIN webhook_endpoints e ON e.id = told.id
        JOIN webhook_paces p ON p.endpoint_id = told.id
        WHERE {PASSABLE}
        FOR UPDATE OF p SKIP LOCKED
        """  # noqa: S608  # conditions are ours
    )
)
_SPEND = Query(
    text(
        f"""
        UPDATE webhook_paces p
        SET tokens = coalesce({_TOKENS} - told.spent, p.tokens), drawn_at = now(),
            probing_until = CASE WHEN p.failures >= {FAILURES_TO_OPEN} AND told.spent > 0
                                 THEN now() + make_interval(secs => {_PROBE_SECONDS}) END
        FROM unnest(CAST(:ids AS uuid[]), CAST(:spent AS int[])) AS told (id, spent)
        JOIN webhook_endpoints e ON e.id = told.id
        WHERE p.endpoint_id = told.id
        """  # noqa: S608
    )
)
_NOTE = Query(
    text(
        f"""
        WITH told AS (
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:since AS timestamptz[]), CAST(:failures AS int[]),
                CAST(:delivered AS boolean[]), CAST(:pauses AS float[])
            ) AS told (id, since, failures, delivered, pause)
        ), held AS MATERIALIZED (
            SELECT p.endpoint_id, told.*,
                   told.failures + CASE WHEN told.delivered THEN 0 ELSE p.failures END AS in_a_row,
                   CASE WHEN told.delivered THEN 0 ELSE p.openings END AS opened,
                   CASE WHEN told.delivered THEN told.since ELSE coalesce(p.failing_since, told.since) END AS failing,
                   p.open_until > now() AS is_open
            FROM told JOIN webhook_paces p ON p.endpoint_id = told.id
            WHERE told.failures > 0 OR p.failures > 0 OR p.open_until <= now()
               OR p.delivered_at IS NULL OR p.delivered_at < now() - {_STALE}
            ORDER BY p.endpoint_id FOR UPDATE OF p
        ), judged AS (
            SELECT held.*, in_a_row >= {FAILURES_TO_OPEN} AND is_open IS NOT TRUE AS opens FROM held
        )
        -- A pause that was wished for lasts; what a circuit is open for ends with a success.
        UPDATE webhook_paces p
        SET failures = judged.in_a_row, failing_since = judged.failing, probing_until = NULL,
            openings = judged.opened + CASE WHEN judged.opens THEN 1 ELSE 0 END,
            open_until = greatest(
                CASE WHEN judged.opens THEN now() + make_interval(
                         secs => least({LONGEST_OPEN_SECONDS}, {FIRST_OPEN_SECONDS} * 2.0 ^ least(judged.opened, 20)))
                     WHEN NOT judged.delivered OR (p.failures < {FAILURES_TO_OPEN} AND judged.is_open)
                         THEN p.open_until END,
                now() + make_interval(secs => judged.pause)),
            delivered_at = CASE WHEN judged.delivered THEN now() ELSE p.delivered_at END
        FROM judged WHERE p.endpoint_id = judged.endpoint_id
        RETURNING p.endpoint_id, judged.opens, p.failing_since
        """  # noqa: S608
    )
)
_PROBE_NOW = Query(
    text(
        """
        UPDATE webhook_paces
        SET open_until = CASE WHEN open_until IS NOT NULL THEN now() END, probing_until = NULL
        WHERE endpoint_id = :endpoint_id
        """
    )
)
_BEGIN_ANEW = Query(text("UPDATE webhook_paces SET failing_since = NULL WHERE endpoint_id = :endpoint_id"))


@dataclass(slots=True)
class Tidings:
    """What one process has heard of an endpoint: tries that failed since the last success, and the wish for a pause."""

    failures: int = 0
    failing_since: datetime | None = None
    is_delivered: bool = False
    pause_seconds: float | None = None

    def failed(self, at: datetime, pause_seconds: float | None) -> None:
        """One more failure."""
        self.failures += 1
        self.failing_since = self.failing_since or at
        if pause_seconds is not None:
            self.pause_seconds = max(self.pause_seconds or 0.0, min(pause_seconds, LONGEST_PAUSE_SECONDS))

    def delivered(self) -> None:
        """A success, which ends all trouble before it, but no pause: it may have been on its way already."""
        self.failures, self.failing_since, self.is_delivered = 0, None, True


@dataclass(frozen=True, slots=True)
class Noted:
    """How an endpoint stands after tidings of it."""

    endpoint_id: UUID
    has_opened: bool
    failing_since: datetime | None


def draw(tx: Transaction, shares: Mapping[UUID, int]) -> dict[UUID, int]:
    """How much of each share may be sent now, 0 where another process is at it; keeps the paces locked."""
    allowed = dict.fromkeys(shares, 0)
    allowed.update(tx.rows(_DRAW, ids=list(shares), shares=list(shares.values())))
    return allowed


def spend(tx: Transaction, spent: Mapping[UUID, int]) -> None:
    """Take what is really sent out of what was drawn."""
    if spent:
        tx.run(_SPEND, ids=list(spent), spent=list(spent.values()))


def give_back(tx: Transaction, unspent: Mapping[UUID, int]) -> None:
    """Undo `spend` for what was not sent after all."""
    spend(tx, {endpoint_id: -count for endpoint_id, count in unspent.items()})


def note(tx: Transaction, tidings: Mapping[UUID, Tidings]) -> list[Noted]:
    """Remember how it went; answers those endpoints for which that changes anything."""
    ids = sorted(tidings)
    rows = tx.rows(
        _NOTE,
        ids=ids,
        since=[tidings[each].failing_since for each in ids],
        failures=[tidings[each].failures for each in ids],
        delivered=[tidings[each].is_delivered for each in ids],
        pauses=[tidings[each].pause_seconds for each in ids],
    )
    return [Noted(*row) for row in rows]


def probe_now(tx: Transaction, endpoint_id: UUID) -> None:
    """Let the next message to an endpoint go at once, for somebody says that it has been mended."""
    tx.run(_PROBE_NOW, endpoint_id=endpoint_id)


def begin_anew(tx: Transaction, endpoint_id: UUID) -> None:
    """The same for one that is enabled again: its first failure must not disable it for the days before."""
    probe_now(tx, endpoint_id)
    tx.run(_BEGIN_ANEW, endpoint_id=endpoint_id)
