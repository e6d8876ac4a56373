"""What a folder must not give away: nothing beside it, through no link, under no name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from marshmallow import ValidationError

from connectors.base import Change, ConnectorError
from connectors.http import Http
from tests.connectors.drop.partner import deliver, drop, pages, records

SECRET = b"external_id,kind,given_name\nC-1,person,Gizli\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "open" / "drop").mkdir(parents=True)
    (tmp_path / "closed").mkdir()
    deliver(tmp_path / "closed" / "customers_1.csv", SECRET)
    return tmp_path / "open" / "drop"


def test_no_folder_is_open_unless_the_operator_says_so(folder: Path) -> None:
    with pytest.raises(ConnectorError, match="KOPRU_DROP_FOLDERS") as caught:
        drop(folder, Http(), customers={}).check()
    assert caught.value.permanent


@pytest.mark.parametrize("beside", ["closed", "opener", ""])
def test_folder_beside_the_open_one_stays_closed(folder: Path, beside: str) -> None:
    with pytest.raises(ConnectorError, match="none of the folders"):
        drop(folder.parent.parent / beside, Http(folders=[folder.parent]), customers={}).check()


def test_path_upwards_is_refused_by_the_settings(folder: Path) -> None:
    with pytest.raises(ValidationError, match=r"\.\."):
        drop(folder / ".." / ".." / "closed", customers={})


@pytest.mark.parametrize("name", ["../out", "/etc", ".hidden", "a/b", "a\\b", ""])
def test_folder_names_lead_nowhere_else(folder: Path, name: str) -> None:
    with pytest.raises(ValidationError):
        drop(folder, customers={}, out_folder=name)


def test_folder_that_is_a_link_is_refused(folder: Path) -> None:
    (folder.parent / "leads").symlink_to(folder.parent.parent / "closed")
    with pytest.raises(ConnectorError, match="cannot be opened"):
        drop(folder.parent / "leads", customers={}).check()


def test_file_that_is_a_link_is_no_file(folder: Path) -> None:
    (folder / "customers_1.csv").symlink_to(folder.parent.parent / "closed" / "customers_1.csv")
    assert records(drop(folder, customers={})) == []


def test_file_swapped_for_a_link_after_it_was_listed_is_not_followed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(folder / "customers_1.csv", SECRET)

    def swap(_: float) -> None:
        (folder / "customers_1.csv").unlink()
        (folder / "customers_1.csv").symlink_to(folder.parent.parent / "closed" / "customers_1.csv")

    connector = drop(folder, customers={})
    real = os.open
    monkeypatch.setattr(
        os, "open", lambda path, *a, **k: (path == "customers_1.csv" and swap(0)) or real(path, *a, **k)
    )
    with pytest.raises(ConnectorError, match=r"GET customers_1\.csv failed"):
        pages(connector)


@pytest.mark.timeout(20)
def test_pipe_in_the_folder_holds_nobody_up(folder: Path) -> None:
    os.mkfifo(folder / "customers_1.csv")
    assert records(drop(folder, customers={})) == []


def test_link_planted_for_our_drop_is_not_followed(folder: Path) -> None:
    (folder / "out").symlink_to(folder.parent.parent / "closed")
    [pushed] = drop(folder, customers={}).push("customers", [Change("create", "K-1", record={"given_name": "Işıl"})])
    assert pushed.error is not None
    assert [path.name for path in (folder.parent.parent / "closed").iterdir()] == ["customers_1.csv"]


def test_folder_leaves_no_descriptor_open(folder: Path) -> None:
    deliver(folder / "customers_1.csv", SECRET)
    connector = drop(folder, customers={}, archive="move")
    cursor = pages(connector)[-1].cursor
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(5):
        cursor = pages(connector, cursor)[-1].cursor
        list(connector.push("customers", [Change("delete", "K-1", "C-1")]))
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_file_name_that_is_no_text_is_told(folder: Path) -> None:
    (folder / os.fsdecode(b"m\xfe\xfeteriler.csv")).touch()
    with pytest.raises(ConnectorError, match="not UTF-8") as caught:
        pages(drop(folder, customers={}))
    assert caught.value.permanent
