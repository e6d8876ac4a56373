"""A worker process of its own for tests that kill it: `python -m tests.webhooks.worker` delivers until it is killed."""

from __future__ import annotations

import time

from gateway import process
from gateway.config import read_settings
from gateway.webhooks import jobs


def main() -> None:
    """Open what a worker opens and run the job again and again."""
    settings = read_settings()
    process.open_all(settings)
    while True:
        jobs.deliver()
        time.sleep(0.01)


if __name__ == "__main__":
    main()
