"""The connector of docs/writing-a-connector.md, taken from the page itself, passes the contract it describes."""

from __future__ import annotations

import re
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest

import connectors

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-connector.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run(name: str, source: str) -> ModuleType:
    module = ModuleType(name)
    exec(compile(source, name, "exec"), module.__dict__)  # noqa: S102  (the page's own code)
    return module


with pytest.MonkeyPatch.context() as patch:
    page = run("kopru_kartvizit", BLOCKS[0])
    patch.setitem(sys.modules, page.__name__, page)
    TestKartvizit = run("test_kartvizit", BLOCKS[1]).TestKartvizit


def test_page_needs_less_than_eighty_lines_of_code() -> None:
    lines = [line for block in BLOCKS for line in block.splitlines() if line.strip()]
    assert len(lines) < 80


def test_pages_connector_is_one_that_the_registry_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("kartvizit", "kopru_kartvizit:Kartvizit", connectors.GROUP)
    monkeypatch.setitem(sys.modules, page.__name__, page)
    monkeypatch.setattr(connectors, "entry_points", lambda group: [point])
    assert connectors.get("kartvizit") is page.Kartvizit
