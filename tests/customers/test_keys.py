"""A customer's search keys live no longer than the customer."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import transaction
from tests.conftest import Cast


def test_keys_go_with_their_customer(cast: Cast) -> None:
    with transaction(Caller.system("test")) as tx:
        asked = "SELECT count(*) FROM customer_keys WHERE customer_id = %s"
        before = tx.raw.execute(asked, (cast.cem_id,)).fetchone()
        tx.raw.execute("DELETE FROM customers WHERE id = %s", (cast.cem_id,))
        assert before != (0,)
        assert tx.raw.execute(asked, (cast.cem_id,)).fetchone() == (0,)
