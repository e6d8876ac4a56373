"""Tests that stand on one stage go to one worker of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sharing import FIRST, TOGETHER, share_of

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("share", TOGETHER)
def test_what_goes_together_is_there(share: str) -> None:
    assert (ROOT / share).exists()


def test_tests_on_one_installation_go_together() -> None:
    assert {share_of(f"tests/faults/test_{name}.py::test_it") for name in ("web", "redis", "stop")} == {FIRST}


def test_webhook_faults_have_a_stage_and_a_share_of_their_own() -> None:
    assert share_of("tests/faults/webhooks/test_clock.py::test_it[240]") == "tests/faults/webhooks/"


def test_other_tests_are_shared_out_by_file() -> None:
    assert share_of("tests/test_routes.py::test_it") is None
