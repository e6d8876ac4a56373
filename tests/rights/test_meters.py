"""What monitoring sees of requests about personal data."""

from __future__ import annotations

from gateway.db import transaction
from gateway.rights import meters
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM


def test_open_and_late_requests_are_counted(cast: Cast) -> None:
    cast.cem.post("/rights-requests", {"kind": "erasure"})
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE rights_cases SET due_at = now() - interval '1 day'")
        shown = meters.exposition(tx).decode()
    assert 'kopru_rights_requests{kind="erasure"} 1.0' in shown
    assert 'kopru_rights_requests_overdue{kind="erasure"} 1.0' in shown
