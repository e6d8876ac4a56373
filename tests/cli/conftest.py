"""The command line against the test installation, as a script would call it."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from gateway import cli
from gateway.channels import Caller
from gateway.config import Settings
from gateway.db import transaction
from gateway.oauth import keys
from tests.conftest import reopen


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with `-o json`."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def kopru(
    app: Flask,
    settings: Settings,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Run]:
    """`kopru("partner", "list")` runs the command; `typed` is what its standard input holds."""
    for name in [name for name in os.environ if name.startswith("KOPRU_")]:
        monkeypatch.delenv(name)
    for name, value in {**environment, "KOPRU_VAR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    logs = logging.getLogger()
    handlers, level = logs.handlers[:], logs.level

    def run(*arguments: str, typed: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["kopru", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed.encode()), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        reopen(settings)
        code = ended.value.code
        printed = capsys.readouterr()
        return Ran(code if isinstance(code, int) else int(code is not None), printed.out, printed.err)

    with transaction(Caller.system("test")) as tx:
        keys.ensure_first_key(tx)
    yield run
    logs.handlers[:], logs.level = handlers, level


@pytest.fixture
def bursa(kopru: Run) -> str:
    """A partner called bursa."""
    assert kopru("partner", "add", "bursa", "Bursa Işık Oto").code == 0
    return "bursa"


@pytest.fixture
def link(kopru: Run, bursa: str) -> str:
    """A link to Bursa's system, whose credentials came through a pipe."""
    wanted = ("sync", "add", "Bursa DMS", "--partner", bursa, "--connector", "rest", "--settings")
    settings = {"base_url": "http://127.0.0.1:9", "api_key": "çok-gizli"}
    assert kopru(*wanted, "-", typed=json.dumps(settings)).code == 0
    return "Bursa DMS"
