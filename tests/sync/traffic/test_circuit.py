"""The circuit opens, probes and closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.sync.traffic.circuit import MOST_FAILURES, WINDOW, Circuit

NOW = datetime(2027, 1, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened(times: int = 1) -> tuple[Circuit, datetime]:
    """A circuit that opened so many times in a row, and when that was."""
    circuit, now = Circuit(), NOW
    for _ in range(MOST_FAILURES):
        circuit = circuit.failed(now, 1.0)
    for _ in range(times - 1):
        now += timedelta(seconds=circuit.wait(now))
        circuit = circuit.probed(now).failed(now, 1.0)
    return circuit, now


def test_five_failures_in_a_row_open_it() -> None:
    circuit = Circuit()
    for _ in range(MOST_FAILURES - 1):
        circuit = circuit.failed(NOW)
        assert circuit.state(NOW) == "closed" and circuit.wait(NOW) == 0
    circuit = circuit.failed(NOW, 1.0)
    assert (circuit.state(NOW), circuit.wait(NOW)) == ("open", 30)


def test_failures_far_apart_do_not_open_it() -> None:
    circuit, now = Circuit(), NOW
    for _ in range(MOST_FAILURES * 2):
        circuit = circuit.failed(now)
        now += WINDOW / (MOST_FAILURES - 2)
    assert circuit.state(now) == "closed"


def test_it_stays_open_twice_as_long_each_time_up_to_a_quarter_of_an_hour() -> None:
    waits = [circuit.wait(now) for circuit, now in map(opened, range(1, 8))]
    assert waits == [30, 60, 120, 240, 480, 900, 900]


def test_one_alone_may_probe() -> None:
    circuit, now = opened()
    now += 31 * SECOND
    assert (circuit.state(now), circuit.wait(now)) == ("probing", 0)
    circuit = circuit.probed(now)
    assert circuit.wait(now) > 60, "the next one waits for the outcome"
    assert circuit.wait(now + 91 * SECOND) == 0, "unless nothing is heard of the one who probed"


def test_an_answer_that_was_under_way_does_not_keep_it_open_longer() -> None:
    circuit, now = opened()
    assert circuit.failed(now + SECOND) == circuit
