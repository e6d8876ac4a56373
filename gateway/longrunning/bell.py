"""The bell of long work: it wakes a worker of the kind's queue."""

from __future__ import annotations

from uuid import UUID

from gateway import queue
from gateway.longrunning.kinds import Kind
from gateway.queue import Bell

JOB = "gateway.longrunning.jobs.go_on"


def ring(kind: Kind, operation_id: UUID) -> None:
    """Wake a worker for one piece of work."""
    queue.ring(kind.queue, JOB, operation_id)


def bell_of(kind: Kind, operation_id: UUID) -> Bell:
    """The same for the sweeper."""
    return Bell(kind.queue, JOB, (str(operation_id),))
