"""What waits at our door is part of what a run would do, so a preview shows it, and leaves it waiting."""

from __future__ import annotations

import pytest

from tests.conftest import Cast
from tests.sync.conftest import Dealer, rows
from tests.sync.hooks.conftest import Caller
from tests.sync.hooks.test_inbox import customers, next_run, person
from tests.sync.preview.test_preview import fields_of, shown, state


@pytest.fixture
def waiting(caller: Caller, dealer: Dealer) -> Dealer:
    """A dealer that has told us of two customers nobody took over yet, one of them gone since."""
    dealer.add_customer("Şule")
    caller.send(customers(person("C-9", "Işıl"), person("C-8", "Bozuk", kind="kedi")))
    caller.send(customers(person("C-9", "İclal"), person("C-7", "Çiğdem")))
    caller.send({"deleted": {"customers": ["C-7"]}})
    rows("UPDATE sync_runs SET status = 'cancelled' WHERE id = :id RETURNING 1", id=next_run())
    return dealer


def test_preview_shows_what_waits_at_the_door_in_its_order(waiting: Dealer, cast: Cast) -> None:
    lines = shown(cast, waiting.sync("preview"))
    told = [(each["action"], each["external_id"]) for each in lines]
    assert told[:6] == [
        ("create", "C-9"), ("reject", "C-8"), ("create", "C-7"), ("change", "C-9"), ("delete", "C-7"),
        ("create", "C-00001"),
    ]  # fmt: skip
    assert fields_of(lines[3])["given_name"] == ("Işıl", "İclal")


def test_preview_leaves_what_waits_as_it_was(waiting: Dealer) -> None:
    received = "SELECT xmin::text, status, tries, payload FROM sync_received ORDER BY number"
    before = state(), rows(received)
    assert waiting.sync("preview").status == "succeeded"
    assert (state(), rows(received)) == before


@pytest.mark.parametrize("mode", ["normal", "full"])
def test_run_does_with_what_waits_as_its_preview_has_counted(waiting: Dealer, mode: str) -> None:
    foreseen = waiting.sync("preview", **({"full": True} if mode == "full" else {})).streams
    done = waiting.sync(mode)
    assert done.status == "succeeded" and foreseen == done.streams
    assert (foreseen["customers"]["created"], foreseen["customers"]["deleted"]) == (3, 1)


def test_preview_passes_over_a_delivery_that_is_set_aside(waiting: Dealer, cast: Cast) -> None:
    rows("UPDATE sync_received SET tries = 5 WHERE payload LIKE '%C-8%' RETURNING 1")
    foreseen = waiting.sync("preview")
    assert shown(cast, foreseen, action="reject") == []
    assert foreseen.streams == waiting.sync().streams
