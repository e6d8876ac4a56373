"""How endpoints stand: what signs for them, until when an older key does, and how it goes there."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.webhooks.delivery.paces import FAILURES_TO_OPEN

_STANDING = Query(
    text(
        f"""
        SELECT e.id,
               ARRAY(SELECT DISTINCT k.kind FROM webhook_keys k WHERE k.endpoint_id = e.id AND k.ends_at IS NULL
                     ORDER BY k.kind),
               (SELECT max(k.ends_at) FROM webhook_keys k WHERE k.endpoint_id = e.id AND k.ends_at > now()),
               EXISTS (SELECT 1 FROM webhook_keys k WHERE k.endpoint_id = e.id AND k.kind = 'v1a'
                       AND (k.ends_at IS NULL OR k.ends_at > now())),
               CASE WHEN p.failures < {FAILURES_TO_OPEN} THEN 'closed' WHEN p.open_until > now() THEN 'open'
                    ELSE 'probing' END,
               p.failing_since
        FROM webhook_endpoints e JOIN webhook_paces p ON p.endpoint_id = e.id
        WHERE e.id = ANY(:ids)
        """  # noqa: S608  # the number is ours
    )
)


class Standing(NamedTuple):
    """`signatures` are the kinds of the keys that have no end; `is_published` says that a public key can be fetched."""

    signatures: list[str]
    old_secret_until: datetime | None
    is_published: bool
    circuit: str
    failing_since: datetime | None


def standing_of(tx: Transaction, endpoint_ids: list[UUID]) -> dict[UUID, Standing]:
    """How each of these endpoints stands."""
    return {row[0]: Standing(*row[1:]) for row in tx.rows(_STANDING, ids=endpoint_ids)}
