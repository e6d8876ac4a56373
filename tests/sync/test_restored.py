"""A dealer whose list of deletions tells no times: who was restored there stays, and rounds come to rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from gateway.db import transaction
from gateway.sync import service
from tests.sync.conftest import SYSTEM, Dealer, rows

WRITTEN = ("customers", "shares", "events", "sync_references", "sync_operations")
STATE = " UNION ALL ".join(f"SELECT '{table}', xmin::text, md5(t::text) FROM {table} t" for table in WRITTEN)


class Trash:
    """What the dealer deleted, each name for a minute's overlap and longer, and never when."""

    def __init__(self, dealer: Dealer) -> None:
        self.system, self.names = dealer.system, list[str]()
        self._kept: dict[str, Any] = {}
        dealer.moody.before = self.listed

    def listed(self, request: Request) -> Response | None:
        told = [{"no": each} for each in self.names]
        is_asked = request.path == "/customers/deleted"
        return Response(json.dumps({"items": told}), content_type="application/json") if is_asked else None

    def delete(self, external_id: str) -> None:
        self._kept[external_id] = self.system.tables["customers"].pop(external_id)
        self.names.append(external_id)

    def restore(self, external_id: str) -> None:
        """It is there again, changed just now; the list goes on telling of it."""
        self.system.tables["customers"][external_id] = self._kept.pop(external_id)
        self.system.change("customers", external_id, {})


@pytest.fixture
def trash(dealer: Dealer) -> Trash:
    with transaction(SYSTEM) as tx:
        link = service.get_link(tx, dealer.link_id)
        apart = {"kind": "list", "path": "/customers/deleted", "items": "items", "id": "no"}
        streams = {"customers": {"path": "/customers", "tombstones": apart}}
        incremental = {"overlap_seconds": 60}
        service.change_settings(tx, link, {**link.settings, "streams": streams, "incremental": incremental})
    return Trash(dealer)


def round_of(dealer: Dealer) -> tuple[int, int, int]:
    """Deleted, created and changed of one round."""
    run = dealer.sync()
    assert (run.status, run.error) == ("succeeded", None)
    counts = run.streams["customers"]
    return counts["deleted"], counts["created"], counts["changed"]


def test_who_was_restored_before_the_round_never_leaves(dealer: Dealer, trash: Trash) -> None:
    name, other = dealer.add_customer("Işıl"), dealer.add_customer("Çağla")
    round_of(dealer)
    trash.delete(name)
    trash.delete(other)
    trash.restore(name)
    assert round_of(dealer) == (1, 0, 0)
    before = sorted(rows(STATE))
    assert [round_of(dealer) for _ in range(3)] == [(0, 0, 0)] * 3
    assert sorted(rows(STATE)) == before and dealer.writes() == []
    assert rows("SELECT external_id FROM sync_references WHERE deleted_at IS NULL") == [(name,)]


def test_who_was_restored_after_the_round_comes_back_once(dealer: Dealer, trash: Trash) -> None:
    name = dealer.add_customer("Işıl")
    round_of(dealer)
    trash.delete(name)
    assert round_of(dealer) == (1, 0, 0)
    trash.restore(name)
    assert [round_of(dealer) for _ in range(2)] == [(0, 0, 0)] * 2  # it comes back, and our word on it is read back
    before = sorted(rows(STATE))
    assert [round_of(dealer) for _ in range(3)] == [(0, 0, 0)] * 3
    assert sorted(rows(STATE)) == before
    assert rows("SELECT count(*) FROM shares") == [(1,)]


def test_who_is_deleted_again_is_gone(dealer: Dealer, trash: Trash) -> None:
    name = dealer.add_customer("Işıl")
    round_of(dealer)
    for _ in range(2):
        trash.delete(name)
        assert round_of(dealer) == (1, 0, 0)
        trash.restore(name)
        assert round_of(dealer)[0] == 0
    trash.delete(name)
    assert [round_of(dealer)[0] for _ in range(2)] == [1, 0]
    assert rows("SELECT external_id FROM sync_references WHERE deleted_at IS NULL") == []
