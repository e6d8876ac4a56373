"""How fast a run goes and how long it still takes: pure, from its counters."""

from __future__ import annotations

from datetime import datetime

from gateway.sync.models import SyncRun


def rate(run: SyncRun, at: datetime) -> float | None:
    """Records read and pushed a second since it began, waits included; None before it began."""
    if run.started_at is None:
        return None
    seconds = ((run.finished_at or at) - run.started_at).total_seconds()
    return round(_done(run) / seconds, 1) if seconds > 0 else None


def seconds_left(run: SyncRun, at: datetime) -> int | None:
    """Seconds for what the partner says is still to be read, at the rate so far; None where it tells no total."""
    pace = rate(run, at)
    unread: list[int] = [counts["total"] - counts["read"] for counts in run.streams.values() if "total" in counts]
    if run.status != "running" or not unread or not pace:
        return None
    return round(sum(unread) / pace)


def _done(run: SyncRun) -> int:
    return sum(counts.get("read", 0) + counts.get("pushed", 0) for counts in run.streams.values())
