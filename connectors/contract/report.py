"""A plugin of pytest that writes down which claims held: one JSON object a line, for `kopru connector test`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO

import pytest

OPTION = "--kopru-report"
_LONGEST_REASON = 400


def pytest_addoption(parser: pytest.Parser) -> None:
    """The file to write to."""
    parser.addoption(OPTION, help="Where to write which claims held.")


def pytest_configure(config: pytest.Config) -> None:
    """Write whenever a file is named."""
    if path := config.getoption(OPTION):
        file = Path(path).open("w", encoding="utf-8")  # noqa: SIM115  (closed when the tests end)
        config.pluginmanager.register(_Writer(file))


class _Writer:
    def __init__(self, file: TextIO) -> None:
        self._file = file

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One line for each test, and another when its end fails too."""
        if report.when == "call" or not report.passed:
            place, _, tried = report.nodeid.partition("[")
            *_, group, claim = ("", *place.split("::"))
            line = {"group": group, "claim": claim, "tried": tried.removesuffix("]"), "outcome": report.outcome}
            print(json.dumps({**line, "why": _why(report)}), file=self._file, flush=True)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What could not even be read."""
        if report.failed:
            line = {"group": "", "claim": report.nodeid, "tried": "", "outcome": "failed", "why": _why(report)}
            print(json.dumps(line), file=self._file, flush=True)

    def pytest_unconfigure(self) -> None:
        """The end."""
        self._file.close()


def _why(report: pytest.TestReport | pytest.CollectReport) -> str:
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash else report.longreprtext
    return text.strip()[-_LONGEST_REASON:] if not crash else text.strip()[:_LONGEST_REASON]
