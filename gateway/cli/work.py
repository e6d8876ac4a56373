"""`kopru work`: a worker alone."""

from __future__ import annotations

import click
from redis.exceptions import ConnectionError as RedisAway

from gateway import queue
from gateway.cli.place import present_settings
from gateway.errors import Unavailable
from gateway.worker import run


@click.command("work")
@click.argument("queue_name", metavar="QUEUE", type=click.Choice(queue.QUEUES))
def work(queue_name: str) -> None:
    """Work in the background on one QUEUE: sync, webhooks or upkeep.

    `upkeep` is the scheduler: it starts due syncs, rings for whatever waits and cleans up. Any number of each may run,
    on any number of machines.
    """
    try:
        run(present_settings(), queue_name)
    except RedisAway as error:
        raise Unavailable(f"Redis does not answer: {error}") from None
