"""Webhooks through kills, restarts and bad receivers: everything owed arrives, in order, and nothing else does."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from tests.faults.installation import seeded_random
from tests.faults.webhooks.endpoints import AWAY
from tests.faults.webhooks.harms import harms
from tests.faults.webhooks.stage import Stage

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1200)]

ROUNDS = int(os.environ.get("KOPRU_TEST_ROUNDS", "10"))


def weather(stage: Stage, chance: random.Random) -> Counter[str]:
    """All rounds, with one endpoint away in the middle third; answers what was done how often."""
    harm, done = harms(stage, chance), Counter[str]()
    with stage.told("storm", "rude", "writing"):
        for number in range(ROUNDS):
            if number in (ROUNDS // 3, 2 * ROUNDS // 3):
                stage.switch(AWAY, "disabled" if number == ROUNDS // 3 else "active")
            stage.pause(chance.uniform(0.2, 1.2))
            done[next(harm)] += 1
            stage.journal.read()
    return done


def test_everything_owed_arrives_in_order_and_nothing_else(stage: Stage) -> None:
    done = weather(stage, seeded_random("webhook ledger"))
    took = stage.drain()
    print(f"{ROUNDS} rounds: {dict(done)}, deaths in {dict(stage.deaths())}; all told {took:.1f} s after")  # noqa: T201
    print(f"{stage.counts()}; answers {dict(stage.journal.moods)}")  # noqa: T201
    assert stage.differences() == []


def test_nothing_comes_twice_while_nothing_goes_wrong(stage: Stage) -> None:
    with stage.workers_with("patience", "10"):
        stage.write(60)
    assert (stage.differences(), stage.repeated()) == ([], [])
