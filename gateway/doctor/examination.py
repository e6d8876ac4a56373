"""Every check in turn."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.config import Settings
from gateway.doctor import address, database, queues
from gateway.doctor.finding import Finding, ok


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check; what stands on a server that does not answer is left out."""
    yield ok("settings", "every setting is readable")
    yield from database.of_database(settings)
    yield from queues.of_redis(settings)
    yield address.check_web(settings)
    yield address.check_base_url(settings)
