"""What is due: claimed in batches, fairly between endpoints, and settled in batches under the claim's number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction, new_id

LEASE_SECONDS = 60

_RECEIVING = """e.status = 'active' AND e.deleted_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM partners p WHERE p.id = e.partner_id AND p.status <> 'active')"""

# Every endpoint offers its oldest few, in an order drawn anew, so none can starve the others. A claim moves `due_at`
# behind the lease: what is in flight is not looked at again, and is due once more if nobody settles it.
_CLAIM = Query(
    text(
        f"""
        WITH due AS MATERIALIZED (
            SELECT d.id, e.url, e.keys, e.granted
            FROM (
                SELECT e.id, e.url,
                       (SELECT p.granted_fields FROM partners p WHERE p.id = e.partner_id) AS granted,
                       ARRAY(SELECT k.sealed FROM webhook_keys k WHERE k.endpoint_id = e.id
                             AND (k.ends_at IS NULL OR k.ends_at > now()) ORDER BY k.created_at DESC) AS keys
                FROM webhook_endpoints e
                WHERE {_RECEIVING} AND NOT e.id = ANY(:busy)
                ORDER BY random()
            ) e
            CROSS JOIN LATERAL (
                SELECT d.id FROM webhook_deliveries d
                WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.due_at <= now()
                  AND (d.leased_until IS NULL OR d.leased_until < now())
                ORDER BY d.due_at, d.id
                LIMIT CASE WHEN e.id = ANY(:quick) THEN CAST(:wide AS bigint) ELSE CAST(:narrow AS bigint) END
                FOR UPDATE SKIP LOCKED
            ) d
            LIMIT :most
        )
        UPDATE webhook_deliveries d
        SET attempt = d.attempt + 1, leased_until = now() + make_interval(secs => :seconds),
            due_at = now() + make_interval(secs => :seconds)
        FROM due WHERE d.id = due.id
        RETURNING d.id, d.attempt, d.attempts, d.endpoint_id, d.event_id, d.payload, d.trace, due.url,
                  due.keys, due.granted
        """  # noqa: S608  # conditions are ours
    )
)
_SETTLE = Query(
    text(
        """
        WITH told AS (
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:states AS text[]), CAST(:due AS timestamptz[])
            ) AS told (id, claim, state, due_at)
        )
        UPDATE webhook_deliveries d
        SET status = told.state, due_at = coalesce(told.due_at, d.due_at), attempts = d.attempts + 1,
            leased_until = NULL
        FROM told
        WHERE d.id = told.id AND d.attempt = told.claim AND d.leased_until IS NOT NULL AND d.status = 'pending'
        """
    )
)
_HAND_BACK = Query(
    text(
        """
        UPDATE webhook_deliveries d SET due_at = now(), leased_until = NULL
        FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS told (id, claim)
        WHERE d.id = told.id AND d.attempt = told.claim AND d.status = 'pending'
        """
    )
)
_REMEMBER = Query(
    text(
        """
        INSERT INTO webhook_attempts
            (id, endpoint_id, event_id, attempted_at, status, http_status, error, duration_ms)
        SELECT told.* FROM unnest(
            CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:events AS uuid[]), CAST(:moments AS timestamptz[]),
            CAST(:statuses AS text[]), CAST(:http AS smallint[]), CAST(:errors AS text[]), CAST(:durations AS int[])
        ) AS told (id, endpoint_id, event_id, attempted_at, status, http_status, error, duration_ms)
        WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = told.endpoint_id)
        """
    )
)
_DISABLE_GONE = Query(
    text(
        """
        UPDATE webhook_endpoints SET status = 'disabled', disabled_reason = 'the address answered 410 Gone',
            version = version + 1, updated_at = now()
        WHERE id = ANY(:ids) AND status = 'active'
        """
    )
)
_HAS_DUE = Query(
    text(
        f"""
        SELECT EXISTS (
            SELECT 1 FROM webhook_endpoints e WHERE {_RECEIVING}
              AND EXISTS (SELECT 1 FROM webhook_deliveries d
                          WHERE d.endpoint_id = e.id AND d.status = 'pending' AND d.due_at <= now()))
        """  # noqa: S608  # conditions are ours
    )
)


class Claim(NamedTuple):
    """A delivery this process may send now; `number` fences it, `attempts` counts the tries before.

    `granted` is what the owner's agreement grants now, None where the owner is no partner.
    """

    id: UUID
    number: int
    attempts: int
    endpoint_id: UUID
    event_id: UUID
    payload: str
    trace: str
    url: str
    keys: list[str]
    granted: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one attempt went; `next_at` is when to try again, None after success and at the end of the schedule."""

    claim: Claim = field(repr=False)
    attempted_at: datetime
    status: str
    http_status: int | None
    error: str | None
    duration_ms: int
    next_at: datetime | None

    @property
    def state(self) -> str:
        """What becomes of the delivery."""
        if self.status == "delivered":
            return "delivered"
        return "exhausted" if self.next_at is None else "pending"


def claim(
    tx: Transaction, most: int, wide: int, narrow: int, quick: Collection[UUID], busy: Collection[UUID]
) -> list[Claim]:
    """Take up to `most` due deliveries: `wide` each of `quick` endpoints, `narrow` of others, none of `busy` ones."""
    rows = tx.rows(
        _CLAIM, most=most, wide=wide, narrow=narrow, quick=list(quick), busy=list(busy), seconds=LEASE_SECONDS
    )
    return [Claim(*row) for row in rows]


def settle(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    """Store attempts, and what they mean for deliveries whose claim still holds."""
    columns = zip(
        *(
            (new_id(), o.claim.endpoint_id, o.claim.event_id, o.attempted_at, o.status, o.http_status, o.error,
             o.duration_ms)
            for o in outcomes
        ),
        strict=True,
    )  # fmt: skip
    names = ("ids", "endpoints", "events", "moments", "statuses", "http", "errors", "durations")
    tx.run(_REMEMBER, **{name: list(values) for name, values in zip(names, columns, strict=True)})
    tx.run(
        _SETTLE,
        ids=[o.claim.id for o in outcomes],
        claims=[o.claim.number for o in outcomes],
        states=[o.state for o in outcomes],
        due=[o.next_at for o in outcomes],
    )
    if gone := [o.claim.endpoint_id for o in outcomes if o.http_status == 410]:
        tx.run(_DISABLE_GONE, ids=gone)


def hand_back(tx: Transaction, claims: Sequence[Claim]) -> None:
    """Give up claims that were never tried: they are due at once, for anybody."""
    tx.run(_HAND_BACK, ids=[c.id for c in claims], claims=[c.number for c in claims])


def has_due(tx: Transaction) -> bool:
    """Whether anything waits to be sent."""
    row = tx.first(_HAS_DUE)
    return bool(row and row[0])
