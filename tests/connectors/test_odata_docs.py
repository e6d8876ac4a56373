"""docs/odata-connector.md tells every setting there is, and its example works."""

from __future__ import annotations

import json
import re
from pathlib import Path

from connectors.odata import OData
from connectors.wire.odata_settings import ServiceDescription, Stream
from connectors.wire.site_settings import SiteSettings

PAGE = (Path(__file__).parents[2] / "docs" / "odata-connector.md").read_text()


def first_cells(head: str) -> set[str]:
    table = PAGE.split(f"| {head} |")[1].split("\n\n")[0]
    return set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))


def test_tables_list_every_setting() -> None:
    own = {*ServiceDescription().fields} - {*SiteSettings().fields} - {"streams"}
    of_stream = {field.data_key or name for name, field in Stream().fields.items()}
    assert (first_cells("setting"), first_cells("of a stream")) == (own, of_stream)


def test_example_is_a_good_description() -> None:
    [example] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert OData.Settings().validate(json.loads(example)) == {}
