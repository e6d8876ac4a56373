"""Previews from the command line."""

from __future__ import annotations

from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.cli import sync_watch
from gateway.db import transaction
from gateway.partners import service as partners
from gateway.sync import jobs
from gateway.sync.models import SyncRun
from tests.cli.conftest import Run
from tests.connectors.fake_partner import FakePartner, serve
from tests.sync.conftest import add_link


@pytest.fixture
def system(kopru: Run, bursa: str, monkeypatch: pytest.MonkeyPatch) -> FakePartner:
    """Bursa's system with one good and one bad customer, a link called DMS, and a worker."""
    made = FakePartner()
    made.add("customers", [{"kind": "person", "given_name": "Işıl"}, {"kind": "robot"}])
    read = sync_watch._read

    def work_and_read(run_id: UUID) -> SyncRun:
        with serve(made) as url:
            point_to(url)
            jobs.run(str(run_id))
        return read(run_id)

    with transaction(Caller.system("test")) as tx:
        partner = partners.find(tx, bursa)
        assert partner is not None
    add_link("http://127.0.0.1:9", partner.id, name="DMS")
    monkeypatch.setattr(sync_watch, "_read", work_and_read)
    return made


def point_to(url: str) -> None:
    """Let the link find the system where it is just now."""
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("UPDATE sync_links SET settings = settings || jsonb_build_object('base_url', %s::text)", [url])


def test_a_preview_is_drawn_with_a_sign_for_each_record(kopru: Run, system: FakePartner) -> None:
    ran = kopru("sync", "preview", "DMS")
    assert ran.code == 0, ran.err
    assert "+ customer C-00001  create" in ran.out and "    given_name: Işıl" in ran.out
    assert "! customer C-00002  reject" in ran.out and "/kind" in ran.out
    assert "customers: 2 read, 1 created, 1 rejected" in ran.out


def test_a_preview_is_one_json_object_for_scripts(kopru: Run, system: FakePartner) -> None:
    told = kopru("sync", "preview", "DMS", "--pages", "1", "-o", "json").json
    assert (told["status"], told["streams"]["customers"]["created"]) == ("succeeded", 1)
    assert [each["action"] for each in told["items"]][:2] == ["create", "reject"]


def test_a_preview_of_a_system_that_is_down_fails_and_says_why(
    kopru: Run, system: FakePartner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.connectors.fake_partner.API_KEY", "another")
    refused = kopru("sync", "preview", "DMS")
    assert refused.code == 1 and "401" in refused.out
