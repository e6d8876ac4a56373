"""The way out to a link's partner: guarded addresses, its gate, and the log of a run's requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from sqlalchemy import text

from connectors.http import Http
from gateway.db import Query, Transaction
from gateway.guarded_adapter import guarded_http
from gateway.sync.traffic.gate import PartnerGate
from gateway.sync.traffic.request_log import RequestLog

_WANTED = Query(
    text("SELECT 1 FROM sync_runs WHERE id = :run AND status IN ('queued', 'running') AND cancel_asked_at IS NULL")
)


@contextmanager
def way_out(link_id: UUID, name: str, run_id: UUID, may_send: Callable[[], None] = lambda: None) -> Iterator[Http]:
    """HTTP towards the partner of a link, for one attempt at a run; `may_send` raises LeaseLost."""
    gate = PartnerGate(link_id, name, RequestLog(run_id), partial(_is_wanted, run_id), may_send)
    http = guarded_http(gate)
    try:
        yield http
    finally:
        http.close()
        gate.close()


def _is_wanted(run_id: UUID, tx: Transaction) -> bool:
    """Whether a run is under way, and nobody has asked for its end."""
    return tx.first(_WANTED, run=run_id) is not None
