"""What attempts mean: remembered for whoever asks, decided for deliveries whose claim still holds, told to paces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy import text

from gateway.db import Query, Transaction, new_id, now
from gateway.webhooks.delivery import ending, meters, paces
from gateway.webhooks.delivery.outcome import Outcome
from gateway.webhooks.delivery.paces import Tidings

PATIENCE = timedelta(days=5)
_GONE = "the address answered 410 Gone"
_NEVER = "nothing has arrived for 5 days"
_NOT_ITS_FAULT = "internal_error"

_REMEMBER = Query(
    text(
        """
        INSERT INTO webhook_attempts
            (id, endpoint_id, event_id, customer_id, number, trigger, attempted_at, status, url, address, http_status,
             error, duration_ms, response_headers, response_body)
        SELECT told.id, told.endpoint_id, event_id, customer_id, number, trigger, attempted_at, status, url, address,
               http_status, error, duration_ms, headers::jsonb, body
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:endpoints AS uuid[]), CAST(:events AS uuid[]), CAST(:customers AS uuid[]),
            CAST(:numbers AS int[]), CAST(:triggers AS text[]), CAST(:moments AS timestamptz[]),
            CAST(:statuses AS text[]), CAST(:urls AS text[]), CAST(:addresses AS text[]), CAST(:http AS smallint[]),
            CAST(:errors AS text[]), CAST(:durations AS int[]), CAST(:headers AS text[]), CAST(:bodies AS bytea[])
        ) AS told (id, endpoint_id, event_id, customer_id, number, trigger, attempted_at, status, url, address,
                   http_status, error, duration_ms, headers, body)
        WHERE EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.id = told.endpoint_id)
        """
    )
)
_NAMES = (
    "ids", "endpoints", "events", "customers", "numbers", "triggers", "moments", "statuses", "urls", "addresses",
    "http", "errors", "durations", "headers", "bodies",
)  # fmt: skip
# What is to be tried again stays held where its endpoint was disabled meanwhile. How long it waits is measured by the
# database's clock: that of the machine that sent may be wrong.
_DECIDE = Query(
    text(
        """
        UPDATE webhook_deliveries d
        SET status = CASE WHEN told.state = 'pending' THEN d.status ELSE told.state END,
            due_at = coalesce(clock_timestamp() + make_interval(secs => told.wait), d.due_at),
            attempts = d.attempts + 1, leased_until = NULL
        FROM unnest(
            CAST(:ids AS uuid[]), CAST(:claims AS int[]), CAST(:states AS text[]), CAST(:waits AS float[])
        ) AS told (id, claim, state, wait)
        WHERE d.id = told.id AND d.attempt = told.claim AND d.leased_until IS NOT NULL
          AND d.status IN ('pending', 'held')
        RETURNING d.id, d.attempt
        """
    )
)

# Whose body was erased while it was on its way leaves no answer either: a receiver may repeat what it was told.
_FORGET_ANSWERS = Query(
    text(
        """
        UPDATE webhook_attempts a SET response_headers = NULL, response_body = NULL FROM webhook_deliveries d
        WHERE d.id = ANY(:ids) AND d.payload IS NULL AND a.endpoint_id = d.endpoint_id AND a.event_id = d.event_id
        """
    )
)


def settle(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    """Store attempts, and what they mean for deliveries whose claim still holds, and for their endpoints."""
    columns = zip(*map(_row, outcomes), strict=True)
    tx.run(_REMEMBER, **{name: list(values) for name, values in zip(_NAMES, columns, strict=True)})
    decided = _decide(tx, outcomes)
    if len(decided) < len(outcomes):
        tx.run(_FORGET_ANSWERS, ids=[each.claim.id for each in outcomes])
    ending.tell_exhausted(tx, [each for each in decided if each.state == "exhausted"])
    _note(tx, outcomes)
    tx.after_commit(lambda: meters.count(decided))


def _row(outcome: Outcome) -> tuple[object, ...]:
    claim = outcome.claim
    headers = None if outcome.headers is None else orjson.dumps(outcome.headers).decode()
    return (
        new_id(), claim.to.id, claim.event_id, claim.customer_id, claim.attempts + 1, claim.cause,
        outcome.attempted_at, outcome.status, claim.to.url, outcome.address, outcome.http_status, outcome.error,
        outcome.duration_ms, headers, outcome.body,
    )  # fmt: skip


def _decide(tx: Transaction, outcomes: Sequence[Outcome]) -> list[Outcome]:
    moment = now()
    rows = tx.rows(
        _DECIDE,
        ids=[each.claim.id for each in outcomes],
        claims=[each.claim.number for each in outcomes],
        states=[each.state for each in outcomes],
        waits=[each.next_at and (each.next_at - moment).total_seconds() for each in outcomes],
    )
    decided = set(rows)
    return [each for each in outcomes if (each.claim.id, each.claim.number) in decided]


def _note(tx: Transaction, outcomes: Sequence[Outcome]) -> None:
    tidings: defaultdict[UUID, Tidings] = defaultdict(Tidings)
    for each in sorted(outcomes, key=lambda each: each.attempted_at):
        if each.status == "delivered":
            tidings[each.claim.to.id].delivered()
        elif each.error != _NOT_ITS_FAULT:
            tidings[each.claim.to.id].failed(each.attempted_at, each.pause_seconds)
    noted = paces.note(tx, tidings)
    for endpoint_id in {each.claim.to.id for each in outcomes if each.http_status == 410}:
        ending.disable(tx, endpoint_id, _GONE)
    for standing in noted:
        if standing.failing_since is not None and standing.failing_since < now() - PATIENCE:
            ending.disable(tx, standing.endpoint_id, _NEVER)
    opened = sum(standing.has_opened for standing in noted)
    tx.after_commit(lambda: meters.OPENED.inc(opened))
