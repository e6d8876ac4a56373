"""The description of a drop: what is wrong in it is named, and the example in the documentation is right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from connectors.csv_drop import CsvDrop

SFTP = {
    "place": "sftp", "folder": "/drop", "host": "sftp.bayi.example", "username": "kopru",
    "host_key": "SHA256:" + "A" * 43, "password": "gizli",
}  # fmt: skip
DOCUMENT = Path(__file__).parents[3] / "docs/csv-drop.md"


def wrong(**more: Any) -> set[str]:
    """The settings that are refused."""
    given = {name: value for name, value in {**SFTP, **more}.items() if value is not None}
    return set(CsvDrop.Settings().validate(given))


def test_example_of_the_documentation_is_right() -> None:
    found = re.search(r"```json\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found is not None
    assert CsvDrop.Settings().validate(json.loads(found[1].replace("…", ""))) == {}


@pytest.mark.parametrize("name", ["host", "username", "host_key"])
def test_sftp_needs_to_know_its_server(name: str) -> None:
    assert wrong(**{name: None}) == {name}


def test_sftp_needs_one_way_to_prove_who_we_are() -> None:
    assert wrong(password=None) == {"private_key"}


@pytest.mark.parametrize("key", ["*", "ssh-dss AAAA", "ssh-ed25519", "MD5:00:11", "SHA256:short", ""])
def test_host_key_that_pins_nothing_is_refused(key: str) -> None:
    assert wrong(host_key=key) == {"host_key"}


@pytest.mark.parametrize(
    ("stream", "place"),
    [
        ({"fields": [{"ours": "given_name", "theirs": "Ad"}]}, "external_id"),
        ({"fields": [{"ours": "no_such", "theirs": "Ad"}, {"ours": "external_id", "theirs": "No"}]}, "no_such"),
        ({"pattern": "../customers_*.csv"}, "pattern"),
        ({"encoding": "latin-1"}, "encoding"),
    ],
)
def test_wrong_stream_is_refused_with_its_place(stream: dict[str, Any], place: str) -> None:
    streams = {"customers": {"pattern": "customers_*.csv", **stream}}
    assert place in json.dumps(CsvDrop.Settings().validate({**SFTP, "streams": streams}))


def test_what_we_write_is_never_read_as_the_partners() -> None:
    assert wrong(out_folder="done") == {"out_folder"}
