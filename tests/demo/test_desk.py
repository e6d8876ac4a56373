"""A service desk that only knows files: what it is told, it lists under numbers of its own."""

from pathlib import Path

import pytest

from connectors.base import Change
from connectors.csv_drop import CsvDrop
from connectors.http import Http, Limits
from demo.desk import Desk
from demo.load import DESK_SETTINGS

CEM = "01900000-0000-7000-8000-00000000c3e1"
RECORD = {"kind": "person", "given_name": "Cem", "family_name": "Işıldağ"}


@pytest.fixture
def drop(tmp_path: Path) -> CsvDrop:
    """The hub's side of the desk's folder."""
    settings = CsvDrop.Settings().load({**DESK_SETTINGS, "folder": str(tmp_path / "izmir")})
    (tmp_path / "izmir").mkdir()
    return CsvDrop(settings, Http(Limits(), folders=(tmp_path,)))


def test_desk_answers_new_customers_with_numbers_of_its_own(drop: CsvDrop, tmp_path: Path) -> None:
    (pushed,) = drop.push("customers", [Change("create", CEM, record=RECORD)])
    assert pushed.error is None
    Desk(tmp_path / "izmir").work()
    (record,) = [each for page in drop.pull("customers", None) for each in page.records]
    assert {name: record[name] for name in (*RECORD, "reference", "external_id")} == {
        **RECORD,
        "reference": CEM,
        "external_id": "SRV-00000000c3e1",
    }


def test_desk_reads_a_file_once_and_keeps_silent_about_changes(drop: CsvDrop, tmp_path: Path) -> None:
    desk = Desk(tmp_path / "izmir")
    list(drop.push("customers", [Change("update", CEM, "SRV-00000000c3e1", {"family_name": "Şen"})]))
    desk.work()
    desk.work()
    assert [path.name for path in (tmp_path / "izmir").iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "izmir" / "out").glob("*.csv")] == []
