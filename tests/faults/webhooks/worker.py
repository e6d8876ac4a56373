"""A worker of webhooks that is quicker to give up, and in a storm dies now and then where it hurts most.

A lease is 3 s, an exchange has 0.8 s. While FOLDER/storm exists it kills itself between fanning out and committing
that, and between an answer and remembering it. FOLDER/mutant names a fault that it has, which the books must show;
FOLDER/skew says by how many seconds its clock is wrong, FOLDER/patience by how many it gives up later: on a crowded
machine a good answer may take longer than 0.8 s.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import time_machine

from gateway import queue, worker
from gateway.config import read_settings
from gateway.webhooks import fanout, jobs
from gateway.webhooks.delivery import dispatch, due, settling
from tests.faults.webhooks.mutants import MUTANTS
from tests.faults.worker import fork_again_and_again

LEASE_SECONDS, TOTAL_SECONDS = 3, 0.8
_DEATHS = {"fan_out": 0.06, "settle": 0.02}


def dying(work: Callable[..., Any], share: float) -> Callable[..., Any]:
    """The same work, after which the process is killed now and then, and nothing of it is committed."""
    folder, chance = Path(os.environ["KOPRU_VAR"]), random.Random()

    def do(*args: Any, **named: Any) -> Any:
        done = work(*args, **named)
        if done != (0, 0) and chance.random() < share and (folder / "storm").exists():
            with (folder / "deaths").open("a") as deaths:
                deaths.write(f"{work.__name__}\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    return do


def be_wrong_by(seconds: float) -> None:
    """Have this process's clock be wrong by exactly that: two workers of one skew must agree with each other."""
    traveller = time_machine.travel(datetime.now(UTC)).start()
    # Setting out took a while, a second and more on a crowded machine, by which the clock is late.
    late = time_machine.escape_hatch.time.time() - time.time()
    traveller.shift(seconds + late)


def main() -> None:
    """Run a worker as `gateway.worker` does, quicker, mortal, and with a fault where one is named."""
    folder = Path(os.environ["KOPRU_VAR"])
    more = int(patience.read_text()) if (patience := folder / "patience").exists() else 0
    due.LEASE_SECONDS = LEASE_SECONDS + more
    dispatch._STILL_OURS_SECONDS = LEASE_SECONDS - TOTAL_SECONDS - 1.0
    setattr(jobs, "Dispatcher", partial(dispatch.Dispatcher, total_seconds=TOTAL_SECONDS + more))  # noqa: B010
    if (mutant := folder / "mutant").exists():
        MUTANTS[mutant.read_text()]()
    if (skew := folder / "skew").exists():
        be_wrong_by(float(skew.read_text()))
    setattr(fanout, "fan_out", dying(fanout.fan_out, _DEATHS["fan_out"]))  # noqa: B010
    setattr(settling, "settle", dying(settling.settle, _DEATHS["settle"]))  # noqa: B010
    worker.run(read_settings(), queue.WEBHOOKS)


if __name__ == "__main__":
    fork_again_and_again()
    main()
