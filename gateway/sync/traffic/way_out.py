"""The way out to a link's partner: guarded addresses, its gate, and the log of a run's requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from connectors.http import Http
from gateway.guarded_adapter import guarded_http
from gateway.sync.traffic.gate import PartnerGate
from gateway.sync.traffic.request_log import RequestLog


@contextmanager
def way_out(link_id: UUID, name: str, run_id: UUID) -> Iterator[Http]:
    """HTTP towards the partner of a link, for one attempt at a run."""
    gate = PartnerGate(link_id, name, RequestLog(run_id))
    http = guarded_http(gate)
    try:
        yield http
    finally:
        http.close()
        gate.close()
