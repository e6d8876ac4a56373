"""How a link stands with its partner, kept in PostgreSQL and by its clock, so that every worker hears of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway import audit
from gateway.db import Query, Transaction
from gateway.sync import events
from gateway.sync.models import SyncLink
from gateway.sync.traffic import budget
from gateway.sync.traffic.circuit import Circuit

_MOST_AT_ONCE = 10_000  # without a budget
_PATIENCE_FOR_BUDGET = 20.0  # before a job's first request
_MOST_ERROR = 500
_READ = Query(
    text(
        """
        SELECT clock_timestamp(), l.requests_per_minute, t.tokens, t.drawn_at, t.quiet_until, t.error, t.failures,
               t.failing_since, t.opened, t.open_until, t.probe_until
        FROM sync_traffic t JOIN sync_links l ON l.id = t.link_id
        WHERE t.link_id = :link FOR UPDATE OF t
        """
    )
)
# A new link begins with an empty bucket: nobody knows what was sent a minute ago.
_BEGIN = Query(
    text(
        """
        INSERT INTO sync_traffic (link_id, tokens, drawn_at, failures, opened) VALUES (:link, 1, now(), 0, 0)
        ON CONFLICT (link_id) DO NOTHING
        """
    )
)
_DRAWN = Query(
    text("UPDATE sync_traffic SET tokens = :tokens, drawn_at = :now, probe_until = :probe_until WHERE link_id = :link")
)
_HEARD = Query(
    text(
        """
        UPDATE sync_traffic SET
            quiet_until = :quiet_until, failures = :failures, failing_since = :failing_since, opened = :opened,
            open_until = :open_until, probe_until = :probe_until, error = :error,
            slow_until = CASE WHEN :is_slow THEN clock_timestamp() + interval '10 min' ELSE slow_until END
        WHERE link_id = :link
        """
    )
)


class Leave(NamedTuple):
    """So many requests may be sent now; or, after so many seconds of `wait`, it may be asked again.

    `is_troubled` says that a success is worth telling; `patience` how many seconds the wait for a budget is worth to
    whoever has asked nothing yet, 0 for any other wait.
    """

    requests: int
    wait: float = 0.0
    why: str = ""
    is_troubled: bool = False
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class _Known:
    now: datetime
    per_minute: int | None
    tokens: float
    drawn_at: datetime
    quiet_until: datetime | None
    error: str | None
    circuit: Circuit


def ask(tx: Transaction, link_id: UUID, given_back: int = 0) -> Leave:
    """Ask to send requests to a link's partner, giving back what was drawn and not used."""
    known = _read(tx, link_id)
    quiet = _seconds_until(known.quiet_until, known.now)
    if quiet > 0:
        return Leave(0, quiet, "The partner asked to be left alone for a while.")
    if (wait := known.circuit.wait(known.now)) > 0:
        return Leave(0, wait, f"The partner failed {known.circuit.failures} times in a row: {known.error}")
    drawn = _draw(known, given_back)
    circuit = known.circuit.probed(known.now) if drawn.granted else known.circuit
    if known.per_minute is not None or circuit != known.circuit:
        tx.run(_DRAWN, link=link_id, tokens=drawn.kept, now=known.now, probe_until=circuit.probe_until)
    if not drawn.granted:
        why = f"The link may send {known.per_minute} requests a minute."
        return Leave(0, drawn.wait, why, patience=_PATIENCE_FOR_BUDGET)
    is_probe = circuit.open_until is not None
    return Leave(1 if is_probe else drawn.granted, is_troubled=circuit != Circuit())


def hear(
    tx: Transaction, link_id: UUID, error: str | None, pause_seconds: float = 0.0, *, is_slow: bool = False
) -> None:
    """Note how a request went: `error` where the partner failed it, and for how long it wants none."""
    known = _read(tx, link_id)
    circuit = known.circuit.failed(known.now) if error is not None else Circuit()
    asked = known.now + timedelta(seconds=pause_seconds) if pause_seconds > 0 else None
    tx.run(
        _HEARD,
        link=link_id,
        is_slow=is_slow,
        quiet_until=max(filter(None, (known.quiet_until, asked)), default=None),
        error=(error or "")[:_MOST_ERROR].replace("\x00", "") or None,
        **asdict(circuit),
    )
    was_closed, is_closed = known.circuit.open_until is None, circuit.open_until is None
    if was_closed != is_closed:
        _tell(tx, link_id, "closed" if is_closed else "opened")


def _tell(tx: Transaction, link_id: UUID, what: str) -> None:
    """Let people and webhooks know; a probe that failed is no news."""
    link = tx.session.get_one(SyncLink, link_id)
    audit.record(tx, f"sync.link.circuit_{what}", "sync_link", link_id, {"until": link.circuit_until})
    events.tell_link(tx, f"sync.link.circuit_{what}", link)


def _draw(known: _Known, given_back: int) -> budget.Draw:
    if known.per_minute is None:
        return budget.Draw(_MOST_AT_ONCE, known.tokens, 0.0)
    seconds = (known.now - known.drawn_at).total_seconds()
    return budget.draw(known.per_minute, known.tokens + given_back, seconds)


def _read(tx: Transaction, link_id: UUID) -> _Known:
    row = tx.first(_READ, link=link_id)
    if row is None:
        tx.run(_BEGIN, link=link_id)
        row = tx.first(_READ, link=link_id)
    if row is None:
        raise LookupError("the link is gone")
    now, per_minute, tokens, drawn_at, quiet_until, error, *circuit = row
    return _Known(now, per_minute, tokens, drawn_at, quiet_until, error, Circuit(*circuit))


def _seconds_until(moment: datetime | None, now: datetime) -> float:
    return max((moment - now).total_seconds(), 0.0) if moment else 0.0
