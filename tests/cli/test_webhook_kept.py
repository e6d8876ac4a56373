"""How long messages are kept, expunging, and types of the house's own, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.longrunning import jobs as longrunning
from tests.cli.conftest import Run
from tests.webhooks.backlog import run
from tests.webhooks.catalogue.test_registered import NAME, RIDE, SCHEMA

AS_JSON = ("-o", "json")
HOUSE, PARTNER = "http://127.0.0.1:9/merkez", "http://127.0.0.1:9/bayi"


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """Options that name a schema and an example of it."""
    for name, content in (("schema", SCHEMA), ("example", RIDE)):
        (tmp_path / name).write_text(json.dumps(content))
    return "--schema", str(tmp_path / "schema"), "--example", str(tmp_path / "example")


def test_retention_is_shown_agreed_and_given_up(kopru: Run, bursa: str) -> None:
    terms = ("webhook", "retention", bursa)
    assert kopru(*terms, *AS_JSON).json["payload_days"] is None
    assert kopru(*terms, "--payload-days", "7", *AS_JSON).json["payload_days"] == 7
    longer = kopru(*terms, "--log-days", "60", *AS_JSON).json
    assert (longer["payload_days"], longer["log_days"], longer["version"]) == (7, 60, 2)
    without = kopru(*terms, "--without", "payload-days", *AS_JSON).json
    assert (without["payload_days"], without["log_days"]) == (None, 60)


def test_bodies_that_would_outlive_their_rows_are_refused(kopru: Run, bursa: str) -> None:
    refused = kopru("webhook", "retention", bursa, "--payload-days", "30", "--log-days", "7")
    assert (refused.code, "/payload_days" in refused.err) == (1, True)


@pytest.fixture
def delivered(kopru: Run, bursa: str) -> None:
    """A message to the house and one to Bursa, both received."""
    for url, owner in ((HOUSE, ()), (PARTNER, ("--partner", bursa))):
        kopru("webhook", "add", url, "--events", "*", *owner)
        kopru("webhook", "trigger", "customer.updated", "--endpoint", url)
    run("UPDATE webhook_deliveries SET status = 'delivered'")


def emptied() -> set[str]:
    """The addresses of the endpoints whose messages say nothing any more."""
    asked = "SELECT e.url FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id"
    return {url for (url,) in run(f"{asked} WHERE d.payload IS NULL")}


@pytest.mark.parametrize(
    ("of", "gone"),
    [
        (("--endpoint", HOUSE), {HOUSE}),
        (("--partner", "bursa", "--before", "2126-01-01"), {PARTNER}),
        (("--before", "2126-01-01"), {HOUSE, PARTNER}),
        (("--before", "1d"), set()),
    ],
)
def test_bodies_are_removed_of_what_was_named(kopru: Run, delivered: None, of: tuple[str, ...], gone: set[str]) -> None:
    begun = kopru("webhook", "expunge", *of, "--yes", "--no-wait", *AS_JSON)
    longrunning.go_on(begun.json["id"])
    assert (begun.code, emptied()) == (0, gone)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("--yes",), 2),
        (("--endpoint", HOUSE), 1),
        (("--endpoint", HOUSE, "--partner", "bursa", "--yes"), 1),
    ],
    ids=["nothing named", "not confirmed", "anothers"],
)
def test_nothing_is_expunged_that_was_not_named_and_confirmed(
    kopru: Run, delivered: None, said: tuple[str, ...], code: int
) -> None:
    assert kopru("webhook", "expunge", *said, typed="n\n").code == code
    assert run("SELECT FROM operations") == []


def test_type_is_added_changed_and_archived(kopru: Run, files: tuple[str, ...]) -> None:
    about = ("--description", "Deneme sürüşü", "--channel", "extranet")
    added = kopru("webhook", "add-type", NAME, *about, *files, *AS_JSON).json
    assert (added["channels"], added["schema"]) == (["extranet", "intranet"], SCHEMA)
    changed = kopru("webhook", "change-type", NAME, "--channel", "intranet", "--archived", *AS_JSON).json
    assert (changed["channels"], changed["deprecated"], changed["version"]) == (["intranet"], True, 2)
    assert changed["description"] == "Deneme sürüşü"
    assert kopru("webhook", "events", NAME).json["deprecated"] is True


def test_type_that_may_not_be_says_where_it_is_wrong(kopru: Run, files: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "example").write_text('{"car": 5}')
    refused = kopru("webhook", "add-type", NAME, "--description", "Gün", *files)
    assert (refused.code, "/example/car" in refused.err) == (1, True)
    missing = kopru("webhook", "add-type", NAME, "--description", "Gün", *files[:2])
    assert (missing.code, "/example" in missing.err) == (1, True)
