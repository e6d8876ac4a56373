"""A partner's clock, as far as it can be believed."""

import datetime as dt

import pytest

from connectors.wire import cursor as cursors


@pytest.mark.parametrize("year", ["2999", "99999999999999999999"])
def test_clock_that_makes_no_sense_does_not_hide_later_changes(year: str) -> None:
    """A round that began then would be followed by one that asks for nothing earlier."""
    assert cursors.clock(f"Thu, 01 Jan {year} 12:00:00 GMT") <= cursors.text(dt.datetime.now(dt.UTC))


def test_clock_that_runs_behind_ours_is_believed() -> None:
    assert cursors.clock("Thu, 01 Jan 2026 12:00:00 GMT") == "2026-01-01T12:00:00.000000Z"
