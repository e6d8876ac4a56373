"""A dealer's system that is down for a while, and comes back."""

import time

import pytest

from demo.outage import Outage
from tests.demo.conftest import Caller


def test_staff_take_the_system_down_and_bring_it_back(caller: Caller) -> None:
    assert caller.post("/outage", json={"seconds": 60}).json() == {"down_for_seconds": 60}
    assert [caller.get(path).status_code for path in ("/customers", "/health")] == [503, 200]
    caller.post("/outage", json={"seconds": 0})
    assert caller.get("/customers").status_code == 200


@pytest.mark.parametrize("seconds", [-1, 601, "60", None, 0.5])
def test_outage_of_no_sensible_length_is_refused(caller: Caller, seconds: object) -> None:
    assert caller.post("/outage", json={"seconds": seconds}).status_code == 400
    assert caller.get("/customers").status_code == 200


def test_stranger_cannot_take_the_system_down(caller: Caller) -> None:
    assert caller.post("/outage", json={"seconds": 60}, headers={"X-Api-Key": "yanlış".encode()}).status_code == 401


def test_usual_outage_comes_late_in_every_period_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    usual, never = Outage(1_200.0), Outage()
    told = []
    for seconds in (0, 1_109, 1_111, 1_199, 1_201, 2_311):
        clock[0] = 1_000.0 + seconds
        told.append((usual.is_on, never.is_on))
    assert told == [(False, False), (False, False), (True, False), (True, False), (False, False), (True, False)]
