"""What we drop: our changes in the partner's columns, whole files only, and nothing that cannot be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Change, Pushed, Record
from tests.connectors.drop.partner import drop, drops

PERSON = {"kind": "person", "given_name": "Işıl", "family_name": "Çınar"}
POINTS = [{"kind": "phone", "value": "+905321234567"}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def push(folder: Path, *changes: Change, **more: Any) -> list[Pushed]:
    """The answers to these changes."""
    return list(drop(folder, **{"customers": {}, **more}).push("customers", changes))


def said(row: dict[str, str]) -> Record:
    """The cells that hold something."""
    return {name: cell for name, cell in row.items() if cell}


def test_changes_of_a_batch_become_one_file(folder: Path) -> None:
    changes = [Change("create", "K-1", record=PERSON), Change("update", "K-2", "C-2", {"family_name": None})]
    answers = push(folder, *changes, Change("delete", "K-3", "C-3"))
    rows = [said(row) for row in drops(folder)]
    assert rows[0] == {**PERSON, "op": "create", "reference": "K-1", "changed": "kind|given_name|family_name"}
    assert rows[1:] == [
        {"op": "update", "reference": "K-2", "external_id": "C-2", "changed": "family_name"},
        {"op": "delete", "reference": "K-3", "external_id": "C-3"},
    ]
    assert [(each.external_id, each.error) for each in answers] == [(None, None), ("C-2", None), ("C-3", None)]


def test_nothing_but_whole_files_stands_in_the_drop(folder: Path) -> None:
    push(folder, Change("create", "K-1", record=PERSON))
    assert [path.suffix for path in (folder / "out").iterdir()] == [".csv"]


def test_columns_are_those_of_the_mapping_reversed(folder: Path) -> None:
    rules = [
        {"ours": "external_id", "theirs": "No"},
        {"ours": "birth_date", "theirs": "Doğum", "as": "turkish_date"},
        {"ours": "contact_points[]", "theirs": "Tel", "as": "phone"},
    ]
    record = {"birth_date": "2000-02-29", "contact_points": POINTS}
    push(folder, Change("update", "K-1", "7", record), customers={"fields": rules}, op="işlem", reference="ref")
    [row] = drops(folder)
    assert row == {
        "işlem": "update", "ref": "K-1", "No": "7", "Doğum": "29.02.2000", "Tel": "+905321234567",
        "changed": "Doğum|Tel",
    }  # fmt: skip


def test_letter_that_the_encoding_lacks_fails_its_change_alone(folder: Path) -> None:
    car = {**PERSON, "given_name": "🚗"}
    answers = push(
        folder, Change("create", "K-1", record=car), Change("create", "K-2", record=PERSON),
        customers={"encoding": "windows-1254"},
    )  # fmt: skip
    assert [bool(each.error and each.error.permanent) for each in answers] == [True, False]
    [path] = (folder / "out").iterdir()
    assert "Işıl" in path.read_text("cp1254")


def test_value_that_does_not_fit_its_column_fails_its_change_alone(folder: Path) -> None:
    rules = [{"ours": "external_id", "theirs": "No"}, {"ours": "birth_date", "theirs": "Doğum", "as": "turkish_date"}]
    changes = [Change("create", f"K-{day}", record={"birth_date": day}) for day in ("yarın", "2000-02-29")]
    answers = push(folder, *changes, customers={"fields": rules})
    assert [bool(each.error) for each in answers] == [True, False]


def test_json_lines_name_only_what_changed(folder: Path) -> None:
    push(folder, Change("update", "K-1", "C-1", {"family_name": None}), customers={"format": "jsonl"})
    [path] = (folder / "out").iterdir()
    assert json.loads(path.read_text()) == {
        "op": "update", "reference": "K-1", "external_id": "C-1", "family_name": None,
    }  # fmt: skip


@pytest.mark.parametrize(("quoted", "cell"), [(False, "=1+1"), (True, "'=1+1")])
def test_formulas_are_data_unless_the_partner_opens_spreadsheets(folder: Path, quoted: bool, cell: str) -> None:
    push(folder, Change("create", "K-1", record={**PERSON, "given_name": "=1+1"}), quote_formulas=quoted)
    assert next(drops(folder))["given_name"] == cell


def test_partner_that_takes_nothing_gets_nothing(folder: Path) -> None:
    assert "push" not in drop(folder, customers={}, out_folder=None).can


def test_drop_that_cannot_be_written_is_tried_again(folder: Path) -> None:
    (folder / "out").write_text("in the way")
    [answer] = push(folder, Change("create", "K-1", record=PERSON))
    assert answer.error is not None and not answer.error.permanent
