"""A cursor reset and a range or a record asked for once more, from the command line."""

from __future__ import annotations

import pytest

from gateway.cli import sync_repair
from gateway.db import transaction
from gateway.sync.runs import list_runs
from tests.cli.conftest import Run
from tests.sync.conftest import SYSTEM


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync_repair, "follow", lambda run_id, link, output: 0)


def asked() -> tuple[str, object]:
    with transaction(SYSTEM) as tx:
        [run] = list_runs(tx)
    return run.mode, run.options


def test_a_record_is_asked_for_by_the_partners_id(kopru: Run, link: str) -> None:
    assert kopru("sync", "resync", link, "customers", "C-00042").code == 0
    assert asked() == ("record", {"stream": "customers", "external_id": "C-00042"})


def test_a_range_is_asked_for_in_plain_words(kopru: Run, link: str) -> None:
    assert kopru("sync", "backfill", link, "--since", "3d", "--until", "2d", "--stream", "customers").code == 0
    mode, options = asked()
    assert mode == "backfill" and options["streams"] == ["customers"]  # type: ignore[index]


def test_a_reset_asks_first(kopru: Run, link: str) -> None:
    assert kopru("sync", "reset", link).code == 1
    assert kopru("sync", "reset", link, "--yes").code == 0
