"""docs/rest-connector.md tells what there is, and its example works."""

from __future__ import annotations

import json
import re
from pathlib import Path

from connectors.rest import Rest
from connectors.wire import converters
from connectors.wire.auth_settings import NEEDS
from connectors.wire.auth_signing import PARTS
from connectors.wire.paging import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "rest-connector.md").read_text()


def first_cells(head: str) -> list[str]:
    table = PAGE.split(f"| {head} |")[1].split("\n\n")[0]
    return re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)


def test_tables_list_every_converter_and_every_door() -> None:
    assert (first_cells("as"), first_cells("`auth`")) == (list(converters.ALL), list(NEEDS))


def test_every_kind_of_page_and_every_signed_part_is_named() -> None:
    assert not [name for name in (*KINDS, *PARTS) if f"`{name}`" not in PAGE]


def test_examples_are_good_descriptions() -> None:
    whole, interactions = map(json.loads, re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    assert Rest.Settings().validate(whole) == {}
    assert Rest.Settings().validate(whole | interactions) == {}
