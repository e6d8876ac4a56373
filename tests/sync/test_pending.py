"""What the hub changed and a partner has not got yet."""

from __future__ import annotations

from gateway.db import new_id, transaction
from gateway.sync.pending import changed_here, reader_of
from tests.sync.conftest import SYSTEM, Dealer, rows


def test_asking_what_changed_makes_no_reader_that_would_keep_every_event(dealer: Dealer) -> None:
    with transaction(SYSTEM) as tx:
        assert changed_here(tx, dealer.link_id, "customers", [new_id()]) == {}
    assert rows("SELECT 1 FROM readers WHERE name = :name", name=reader_of(dealer.link_id, "customers")) == []
