"""What is due: claimed in batches, fairly between endpoints, each in its order and at its pace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.channels import Channel
from gateway.db import Query, Transaction
from gateway.webhooks.delivery import paces
from gateway.webhooks.delivery.paces import FAILURES_TO_OPEN, PASSABLE
from gateway.webhooks.rendering import view_of

LEASE_SECONDS = 60
_LANES_LOOKED_AT = 500
_FREE = "(d.leased_until IS NULL OR d.leased_until < now())"

# Endpoints to which something may go now, in an order drawn anew, so none can starve the others. The oldest message
# is asked for by the index, in lateral scans that end at the first row: a backlog costs no more than one message.
_READY = Query(
    text(
        f"""
        SELECT e.id, e.url, e.is_ordered, e.rate_per_minute, e.is_probe, e.retry_delays,
               e.headers_sealed, e.access, e.access_sealed,
               ARRAY(SELECT k.sealed FROM webhook_keys k WHERE k.endpoint_id = e.id
                     AND (k.ends_at IS NULL OR k.ends_at > now()) ORDER BY k.created_at DESC),
               e.channel, (SELECT a.granted_fields FROM partners a WHERE a.id = e.partner_id)
        FROM (
            SELECT e.*, p.failures >= {FAILURES_TO_OPEN} AS is_probe
            FROM webhook_endpoints e
            JOIN webhook_paces p ON p.endpoint_id = e.id
            CROSS JOIN LATERAL (
                SELECT FROM webhook_deliveries d
                WHERE d.endpoint_id = e.id AND d.status = 'pending' AND {_FREE}
                  AND d.due_at <= CASE WHEN p.failures >= {FAILURES_TO_OPEN} THEN 'infinity' ELSE now() END
                ORDER BY d.due_at, d.id LIMIT 1
            ) oldest
            WHERE e.status = 'active' AND e.deleted_at IS NULL AND {PASSABLE}
              AND NOT EXISTS (SELECT 1 FROM partners a WHERE a.id = e.partner_id AND a.status <> 'active')
              AND NOT e.id = ANY(:busy) AND (:anybody OR e.id = ANY(:quick))
            ORDER BY random() LIMIT :most
        ) e
        """  # noqa: S608  # conditions are ours
    )
)
_WANTED = """unnest(CAST(:endpoints AS uuid[]), CAST(:shares AS int[]), CAST(:probes AS boolean[]))
             AS wanted (id, share, is_probe)"""
_DUE = "d.due_at <= CASE WHEN wanted.is_probe THEN 'infinity' ELSE now() END"
_IN_ANY_ORDER = f"""
    SELECT d.id FROM webhook_deliveries d
    WHERE d.endpoint_id = wanted.id AND d.status = 'pending' AND {_DUE} AND {_FREE}
    ORDER BY d.due_at, d.id LIMIT wanted.share FOR UPDATE SKIP LOCKED
"""  # noqa: S608
_HEAD = """SELECT d.lane, d.id FROM webhook_deliveries d
           WHERE d.endpoint_id = wanted.id AND d.status IN ('pending', 'held') AND {}
           ORDER BY d.lane, d.seq LIMIT 1"""
# The first of each lane, lane by lane, round and round from where the lot falls, so that none starves. Whatever stands
# behind a first that is on its way, or waits for another try, is not even looked at.
_IN_ORDER = f"""
    WITH RECURSIVE heads AS (
        (SELECT first.*, 1 AS round FROM ({_HEAD.format("d.lane >= :start")}) first
         UNION ALL
         SELECT first.*, 2 FROM ({_HEAD.format("d.lane < :start")}) first
         ORDER BY round LIMIT 1)
        UNION ALL
        SELECT next.* FROM heads CROSS JOIN LATERAL (
            SELECT further.*, heads.round
            FROM ({_HEAD.format("d.lane > heads.lane AND (heads.round = 1 OR d.lane < :start)")}) further
            UNION ALL
            SELECT first.*, 2 FROM ({_HEAD.format("d.lane < :start AND heads.round = 1")}) first
            ORDER BY round LIMIT 1
        ) next
    )
    SELECT d.id FROM (SELECT id FROM heads LIMIT {_LANES_LOOKED_AT}) head
    JOIN webhook_deliveries d ON d.id = head.id
    WHERE d.status = 'pending' AND {_DUE} AND {_FREE}
    LIMIT wanted.share FOR UPDATE OF d SKIP LOCKED
"""  # noqa: S608


def _take(choose: str) -> Query:
    return Query(
        text(
            f"""
            WITH due AS MATERIALIZED (
                SELECT d.id FROM {_WANTED} CROSS JOIN LATERAL ({choose}) d LIMIT :most
            )
            UPDATE webhook_deliveries d
            SET attempt = d.attempt + 1, leased_until = now() + make_interval(secs => :seconds)
            FROM due WHERE d.id = due.id
            RETURNING d.id, d.attempt, d.attempts, d.event_id, d.customer_id, d.type, d.payload, d.trace, d.trigger,
                      d.seq, d.endpoint_id
            """  # noqa: S608  # conditions are ours
        )
    )


_TAKE, _TAKE_IN_ORDER = _take(_IN_ANY_ORDER), _take(_IN_ORDER)
_HAND_BACK = Query(
    text(
        """
        UPDATE webhook_deliveries d SET leased_until = NULL
        FROM unnest(CAST(:ids AS uuid[]), CAST(:claims AS int[])) AS told (id, claim)
        WHERE d.id = told.id AND d.attempt = told.claim
        """
    )
)


class Recipient(NamedTuple):
    """An endpoint as sending to it needs it.

    `keys` are sealed, `granted` is what the owner's agreement grants now, None where the owner is no partner, `hidden`
    the attributes that the owner may not see. A probe is the one message that may go while the circuit is not closed.
    """

    id: UUID
    url: str
    is_ordered: bool = False
    rate_per_minute: int | None = None
    is_probe: bool = False
    retry_delays: list[int] | None = None
    headers_sealed: str | None = None
    access: dict[str, Any] | None = None
    access_sealed: str | None = None
    keys: Sequence[str] = ()
    channel: str = Channel.INTRANET
    granted: Sequence[str] | None = None
    hidden: frozenset[str] = frozenset()

    @property
    def is_paced(self) -> bool:
        """Whether how much may go is decided for all processes together."""
        return self.is_probe or self.rate_per_minute is not None


class Claim(NamedTuple):
    """A delivery this process may send now; `number` fences it, `attempts` counts the tries before."""

    id: UUID
    number: int
    attempts: int
    event_id: UUID
    customer_id: UUID | None
    type: str
    payload: str
    trace: str
    trigger: str
    seq: int
    to: Recipient

    @property
    def cause(self) -> str:
        """Why it is tried now, as its attempt shows it: a probe goes before its schedule says so."""
        return "probe" if self.to.is_probe and self.trigger == "schedule" else self.trigger


class Claimed(NamedTuple):
    """What was claimed, in the order of the events, and whether more would be but for a pace."""

    claims: list[Claim]
    is_waiting: bool


def claim(
    tx: Transaction,
    most: int,
    left: Callable[[UUID], int],
    *,
    busy: Collection[UUID] = (),
    quick: Collection[UUID] = (),
    anybody: bool = True,
    start: int = 0,
) -> Claimed:
    """Take up to `most` due deliveries, of each endpoint as many as `left` says, of `busy` ones none.

    Unless `anybody`, of `quick` endpoints only. `start` is where a round through the lanes begins, any 64-bit number.
    """
    rows = tx.rows(_READY, busy=list(busy), quick=list(quick), anybody=anybody, most=most)
    ready = [_as_they_may_see(tx, Recipient(*row)) for row in rows]
    shares = {each.id: left(each.id) for each in ready}
    paced = [each for each in ready if each.is_paced]
    if paced:
        shares |= paces.draw(tx, {each.id: shares[each.id] for each in paced})
    claims: list[Claim] = []
    for query, is_ordered in ((_TAKE, False), (_TAKE_IN_ORDER, True)):
        chosen = [each for each in ready if each.is_ordered is is_ordered and shares[each.id] > 0]
        if chosen and len(claims) < most:
            claims += _take_of(tx, query, chosen, shares, most - len(claims), start)
    if paced:
        paces.spend(tx, Counter(each.to.id for each in claims if each.to.is_paced))
    return Claimed(sorted(claims, key=lambda each: each.seq), any(not shares[each.id] for each in paced))


def _as_they_may_see(tx: Transaction, to: Recipient) -> Recipient:
    return to._replace(hidden=view_of(tx, Channel(to.channel), frozenset(to.granted or ())).hidden)


def _take_of(
    tx: Transaction, query: Query, chosen: Sequence[Recipient], shares: dict[UUID, int], most: int, start: int
) -> list[Claim]:
    rows = tx.rows(
        query,
        endpoints=[each.id for each in chosen],
        shares=[shares[each.id] for each in chosen],
        probes=[each.is_probe for each in chosen],
        most=most,
        seconds=LEASE_SECONDS,
        start=start,
    )
    recipients = {each.id: each for each in chosen}
    return [Claim._make((*row[:-1], recipients[row[-1]])) for row in rows]


def hand_back(tx: Transaction, claims: Sequence[Claim]) -> None:
    """Give up claims that were never tried: they are due as before, for anybody, and cost their endpoint no pace."""
    tx.run(_HAND_BACK, ids=[each.id for each in claims], claims=[each.number for each in claims])
    paces.give_back(tx, Counter(each.to.id for each in claims if each.to.is_paced))


def has_due(tx: Transaction) -> bool:
    """Whether anything waits to be sent."""
    return tx.first(_READY, busy=[], quick=[], anybody=True, most=1) is not None
