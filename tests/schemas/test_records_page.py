"""docs/records.md names every field a partner's record may have, and says which are needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from marshmallow import Schema

from schemas.record import AddressRecord, ContactPointRecord, CustomerRecord, InteractionRecord, ProductRecord

PAGE = (Path(__file__).parents[2] / "docs" / "records.md").read_text()


def rows(heading: str) -> dict[str, str]:
    """What the table below a heading says of each field it names."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| (`.+?`) \| (.+) \|$", section, re.MULTILINE)
    return {name: text for names, text in told for name in re.findall(r"`([^`]+)`", names)}


@pytest.mark.parametrize(("heading", "shape"), [("A customer", CustomerRecord), ("An interaction", InteractionRecord)])
def test_page_names_every_field_and_those_needed(heading: str, shape: type[Schema]) -> None:
    told, fields = {**rows("Of every record"), **rows(heading)}, shape().fields
    assert set(told) == set(fields)
    needed = {name for name, text in told.items() if text.startswith("**needed**")}
    assert needed == {name for name, field in fields.items() if field.required}


@pytest.mark.parametrize("shape", [AddressRecord, ContactPointRecord, ProductRecord])
def test_page_names_every_part_of_a_field(shape: type[Schema]) -> None:
    assert not [name for name in shape().fields if f"`{name}`" not in PAGE]
