"""A customer's search keys and shares live no longer than the customer, nor does a share without its partner."""

from __future__ import annotations

from typing import LiteralString

import psycopg
import pytest

from gateway.channels import Caller
from gateway.db import transaction
from tests.conftest import Cast

SYSTEM = Caller.system("test")


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT count(*) FROM customer_keys WHERE customer_id = %s",
        "SELECT count(*) FROM shares WHERE customer_id = %s",
    ],
)
def test_keys_and_shares_go_with_their_customer(cast: Cast, asked: LiteralString) -> None:
    with transaction(SYSTEM) as tx:
        before = tx.raw.execute(asked, (cast.cem_id,)).fetchone()
        tx.raw.execute("DELETE FROM customers WHERE id = %s", (cast.cem_id,))
        assert before != (0,)
        assert tx.raw.execute(asked, (cast.cem_id,)).fetchone() == (0,)


@pytest.mark.usefixtures("cast")
def test_partner_stays_while_customers_are_shared_with_it() -> None:
    ended = "DELETE FROM partners WHERE id = (SELECT partner_id FROM shares LIMIT 1)"
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="still shared"), transaction(SYSTEM) as tx:
        tx.raw.execute(ended)
