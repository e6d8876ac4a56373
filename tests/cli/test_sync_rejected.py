"""The quarantine from the command line."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from connectors.rest import Rest
from gateway.channels import Caller
from gateway.cli import sync_watch
from gateway.db import new_id, transaction
from gateway.sync import jobs
from gateway.sync.links import find_link
from gateway.sync.models import RejectedRecord, SyncRun
from tests.cli.conftest import Run

AS_JSON = ("-o", "json")
REASON = {"pointer": "/kind", "code": "invalid", "message": "Bilinmeyen tür."}


@pytest.fixture
def rejected(kopru: Run, link: str) -> str:
    """A record of Bursa's that was not taken over; its id."""
    with transaction(Caller.system("test")) as tx:
        found = find_link(tx, link)
        assert found is not None
        told: dict[str, Any] = {"key": "M-1", "external_id": "M-1", "raw": '{"external_id": "M-1", "kind": "robot"}'}
        record = RejectedRecord(
            id=new_id(), link_id=found.id, stream="customers", reasons=[REASON], fingerprint=b"1", **told
        )
        tx.session.add(record)
        return str(record.id)


def test_rejected_records_are_listed_by_link_stream_and_reason(kopru: Run, link: str, rejected: str) -> None:
    [shown] = kopru("sync", "rejected", link, "--stream", "customers", "--code", "invalid", *AS_JSON).json
    assert (shown["id"], shown["reasons"]) == (rejected, ["/kind: Bilinmeyen tür."])
    assert kopru("sync", "rejected", link, "--stream", "interactions", *AS_JSON).json == []


def test_a_rejected_record_is_replayed_and_the_outcome_shown(
    kopru: Run, link: str, rejected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = sync_watch._read

    def work_and_read(run_id: UUID) -> SyncRun:
        jobs.run(str(run_id))
        return read(run_id)

    monkeypatch.setattr(Rest, "can", Rest.can - {"fetch"})
    monkeypatch.setattr(sync_watch, "_read", work_and_read)
    replayed = kopru("sync", "replay", link, "--id", rejected, *AS_JSON)
    assert (replayed.code, replayed.json["read"], replayed.json["rejected"]) == (0, 1, 1)


def test_a_rejected_record_is_discarded_once(kopru: Run, rejected: str) -> None:
    assert kopru("sync", "discard", rejected).code == 0
    assert kopru("sync", "discard", rejected).code == 1


def test_there_is_nothing_to_confirm_on_a_sound_link(kopru: Run, link: str) -> None:
    refused = kopru("sync", "confirm-deletions", link)
    assert (refused.code, "No deletions wait" in refused.err) == (1, True)
