"""The page tells what `kopru connector new` writes, and what that writes keeps the contract as it stands."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

import connectors
from connectors import skeleton
from connectors.base import ConnectorError
from connectors.skeleton.claims import TestOrnek as TestOrnek  # its claims run here

PAGE = (Path(__file__).parents[2] / "docs" / "writing-a-connector.md").read_text(encoding="utf-8")
FILES = skeleton.files("kartvizit")
SOURCES = ["kopru_kartvizit.py", "kopru_kartvizit_test.py"]


def test_page_shows_what_is_written() -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert blocks == [FILES[name] for name in SOURCES]


def test_page_shows_the_entry_points() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert block in FILES["pyproject.toml"]


def test_stranger_needs_less_than_eighty_lines_of_code() -> None:
    assert len([line for name in SOURCES for line in FILES[name].splitlines() if line.strip()]) < 80


def test_written_connector_is_one_that_the_registry_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    skeleton.write("kart_vizit", tmp_path / "new")
    monkeypatch.syspath_prepend(tmp_path / "new")
    point = EntryPoint("kart_vizit", "kopru_kart_vizit:KartVizit", connectors.GROUP)
    monkeypatch.setattr(connectors, "entry_points", lambda group: [point])
    assert (connectors.get("kart_vizit").name, connectors.get("kart_vizit").title) == ("kart_vizit", "KartVizit")


@pytest.mark.parametrize("name", ["", "Kart", "1kart", "kart-vizit", "../kart", "kart_", "k" * 41, "kärt"])
def test_name_that_no_package_can_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="no name for a connector"):
        skeleton.write(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(ConnectorError, match="there already"):
        skeleton.write("kartvizit", tmp_path)
    assert list(tmp_path.iterdir()) == []
