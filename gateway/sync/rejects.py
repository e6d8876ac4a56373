"""Records that could not be taken over: kept whole with their reasons, once each however often they come."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway import bulk
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import FieldError

_MOST_RAW, _BEGINNING = 200_000, 2_000  # letters
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rejection:
    """A partner's record and why it was not taken; `waits_for` is the customer's external id it came too early for."""

    raw: Any
    reasons: list[FieldError]
    external_id: str | None = None
    waits_for: str | None = None


_TYPES = {
    "id": "uuid", "key": "text", "external_id": "text", "raw": "text", "reasons": "jsonb", "fingerprint": "bytea",
    "waits_for": "text", "is_whole": "boolean",
}  # fmt: skip
_KEEP = Query(
    text(
        """
        INSERT INTO sync_rejected AS kept
            (id, link_id, stream, key, external_id, raw, reasons, fingerprint, waits_for, is_whole, seen, first_seen_at,
             last_seen_at)
        SELECT DISTINCT ON (key) id, :link, :stream, key, external_id, raw, reasons, fingerprint, waits_for, is_whole,
            1, :at, :at
        FROM stage_rejected ORDER BY key
        ON CONFLICT (link_id, stream, key) DO UPDATE SET
            raw = excluded.raw, reasons = excluded.reasons, waits_for = excluded.waits_for,
            is_whole = excluded.is_whole,
            seen = CASE WHEN kept.fingerprint = excluded.fingerprint THEN kept.seen + 1 ELSE 1 END,
            first_seen_at = CASE WHEN kept.fingerprint = excluded.fingerprint THEN kept.first_seen_at
                                 ELSE excluded.first_seen_at END,
            fingerprint = excluded.fingerprint, last_seen_at = excluded.last_seen_at
        """
    )
)
# Asked of every page: where nothing is rejected, its keys are not even sent.
_ANY = Query(text("SELECT 1 FROM sync_rejected WHERE link_id = :link AND stream = :stream LIMIT 1"))
_SETTLE = Query(text("DELETE FROM sync_rejected WHERE link_id = :link AND stream = :stream AND key = ANY(:keys)"))
_RIPE = Query(
    text(
        """
        SELECT r.raw FROM sync_rejected r
        JOIN sync_references c ON c.link_id = r.link_id AND c.stream = 'customers' AND c.external_id = r.waits_for
                              AND c.deleted_at IS NULL
        JOIN sync_links l ON l.id = r.link_id
        JOIN shares s ON s.customer_id = coalesce(c.alias_of, c.record_id) AND s.partner_id = l.partner_id
        WHERE r.link_id = :link AND r.stream = :stream AND r.is_whole
        ORDER BY r.id LIMIT :limit
        """
    )
)


def keep(tx: Transaction, link_id: UUID, stream: str, rejections: Sequence[Rejection]) -> None:
    """Store rejections; one seen before is counted, not stored again."""
    if rejections:
        bulk.stage(tx, "stage_rejected", _TYPES, map(_row, rejections))
        tx.run(_KEEP, link=link_id, stream=stream, at=now())


def settle(tx: Transaction, link_id: UUID, stream: str, external_ids: Iterable[str]) -> None:
    """Forget the rejections of records that were taken over after all, or are gone."""
    if tx.first(_ANY, link=link_id, stream=stream) is not None:
        tx.run(_SETTLE, link=link_id, stream=stream, keys=list(external_ids))


def ripe(tx: Transaction, link_id: UUID, stream: str, limit: int = 200) -> list[Any]:
    """Rejected records whose customer has come since, or is shared again."""
    return [json.loads(raw) for (raw,) in tx.rows(_RIPE, link=link_id, stream=stream, limit=limit)]


def _row(rejection: Rejection) -> tuple[Any, ...]:
    # ASCII with escapes: what no text column can hold, such as NUL, is kept as it came.
    written = _written(rejection.raw)
    raw = written or f"too deep: {rejection.external_id}"
    fingerprint = hashlib.blake2b(raw.encode(), digest_size=16).digest()
    is_whole = written is not None and len(raw) <= _MOST_RAW
    key = rejection.external_id if rejection.external_id is not None else f"\x01{fingerprint.hex()}"
    reasons = bulk.as_json([_storable(reason) for reason in rejection.reasons])
    kept = raw if is_whole else _beginning_of(raw, rejection.external_id)
    return new_id(), key, rejection.external_id, kept, reasons, fingerprint, rejection.waits_for, is_whole


def _written(raw: Any) -> str | None:
    """A record as JSON; None for one nested so deeply that it cannot be written again."""
    try:
        return json.dumps(raw, default=str)
    except RecursionError:
        return None


def _storable(reason: FieldError) -> FieldError:
    """A reason without what `jsonb` refuses: a pointer may hold a name that the partner made up."""
    return {
        "pointer": _UNSTORABLE.sub("\ufffd", reason["pointer"]),
        "code": reason["code"],
        "message": _UNSTORABLE.sub("\ufffd", reason["message"]),
    }


def _beginning_of(raw: str, external_id: str | None) -> str:
    return json.dumps({"external_id": external_id, "begins": raw[:_BEGINNING], "letters": len(raw)})
