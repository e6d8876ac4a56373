"""Every claim of the contract can fail: a connector with a mistake in it is found out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.connectors import broken

FILE = Path(broken.__file__)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What became of each broken connector's claim, all tried in one process of their own."""
    report = tmp_path_factory.mktemp("claims") / "report"
    claims = [f"{FILE}::{each.__name__}::{each.breaks}" for each in broken.Broken.__subclasses__()]
    plugin = ["-p", "connectors.contract.report", "--kopru-report", str(report)]
    quiet = ["-q", "-o", "addopts=", "--noconftest", "-p", "no:cacheprovider", "--tb=short"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *quiet, *claims],
        cwd=FILE.parents[2],
        capture_output=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout.decode()[-2000:]
    found: dict[str, set[str]] = {}
    for line in map(json.loads, report.read_text().splitlines()):
        found.setdefault(line["group"], set()).add(line["outcome"])
    return found


@pytest.mark.parametrize(("mistake", "claim"), broken.every_mistake())
def test_mistake_is_found(outcomes: dict[str, set[str]], mistake: str, claim: str) -> None:
    assert "failed" in outcomes[mistake], f"{claim} let it pass"
