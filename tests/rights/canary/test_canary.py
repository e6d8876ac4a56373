"""A canary lives here, is erased, and not a byte of them is found anywhere."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.config import Settings
from gateway.log import configure_logs
from gateway.rights.erasure import jobs
from tests.conftest import Cast
from tests.rights.canary.life import WORDS, Canary
from tests.rights.canary.traces import in_database, in_files, in_redis
from tests.rights.erasure.conftest import work_off
from tests.sync.conftest import Dealer
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver

# Those in which the canary must have left a trace before, or the search afterwards says nothing.
LEFT = {
    "claims", "consent_statements", "customer_keys", "customers", "desk_items", "events", "idempotency_keys",
    "identity_profiles", "interactions", "matter_entries", "matters", "merges", "operations", "rights_cases",
    "sync_references", "sync_rejected", "transfer_pieces", "users", "webhook_attempts", "webhook_deliveries",
}  # fmt: skip


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged, down to the least."""
    root, place = logging.getLogger(), tmp_path / "log" / "kopru.log"
    place.parent.mkdir()
    before, level = root.handlers[:], root.level
    configure_logs("DEBUG")
    with place.open("w") as written:
        (handler,) = root.handlers
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
        yield place
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture
def canary(cast: Cast, dealer: Dealer, register: Register, receiver: Receiver, deliver: Deliver) -> Canary:
    """Who has lived here."""
    canary = Canary(cast, dealer)
    canary.live(register, receiver, deliver)
    return canary


def test_nothing_of_an_erased_person_is_left(
    cast: Cast, canary: Canary, settings: Settings, log_file: Path, erasure_log: Path
) -> None:
    before = in_database(settings.database_url, WORDS)
    assert {table for table, _ in before} >= LEFT
    assert {word for _, word in before} == set(WORDS)

    assert cast.ayse.post(f"/rights-requests/{canary.case_id}/start").status_code == 200
    assert work_off(canary.case_id).status == "succeeded"

    assert in_database(settings.database_url, WORDS) == set()
    assert in_redis(WORDS) == set()
    assert in_files(log_file.parent.parent, WORDS) == set()
    assert erasure_log.read_text().count("\n") == 1


def test_case_is_complete_once_partners_have_answered(cast: Cast, canary: Canary, erasure_log: Path) -> None:
    cast.ayse.post(f"/rights-requests/{canary.case_id}/start")
    work_off(canary.case_id)
    [notice] = cast.eskisehir.get("/erasures").get_json()["items"]
    assert notice["references"] == ["KANARYA-EXT-4471"]
    assert notice["customer_ids"] == [str(canary.id)]  # the twin was the house's own
    assert cast.eskisehir.post(f"/erasures/{notice['id']}/acknowledgement").status_code == 200
    jobs.go_on_with_erasures()
    case = cast.ayse.get(f"/rights-requests/{canary.case_id}").get_json()
    assert (case["status"], case["result"]["partners"]) == ("completed", 1)
