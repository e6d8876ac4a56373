"""Sixteen dealers bring the same person: whatever they and the reviewers do at once, one is protected."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller, Channel
from gateway.claims import review, service
from gateway.claims.review import Approval, ClaimProtected
from gateway.claims.states import ClaimNotOpen
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.partners import service as partners
from tests.claims.conftest import ISIL, RACERS
from tests.conftest import Cast
from tests.sync.conftest import rows

REVIEWER = Caller(Channel.INTRANET, client_id="portal")
_APPROVED = "SELECT count(*), count(DISTINCT customer_id) FROM claims WHERE status = 'approved'"


@pytest.fixture
def dealers(cast: Cast) -> list[Caller]:
    """Sixteen of them."""
    with transaction(Caller.system("test")) as tx:
        added = [partners.add(tx, f"bayi-{number}", f"Bayi {number}") for number in range(RACERS)]
        return [Caller(Channel.EXTRANET, each.code, partner_id=each.id, partner=each.code) for each in added]


def at_once(dealers: list[Caller], act: Callable[[Caller], Any]) -> list[Any]:
    """Have all of them do the same at the same moment."""
    start = Barrier(RACERS)

    def race(caller: Caller) -> Any:
        start.wait(timeout=60)
        return act(caller)

    with ThreadPoolExecutor(RACERS) as threads:
        return list(threads.map(race, dealers))


def submit(caller: Caller, **said: Any) -> UUID:
    with transaction(caller) as tx:
        wish = {"submit": True, "scope": "Sedan", **(said or {"person": ISIL})}
        return service.draft(tx, wish).id


def approve(claim_id: UUID) -> bool:
    try:
        with transaction(REVIEWER) as tx:
            review.approve(tx, claim_id, Approval())
    except (ClaimProtected, ClaimNotOpen):
        return False
    return True


def take_up(claim_ids: list[UUID]) -> None:
    with transaction(REVIEWER) as tx:
        for claim_id in claim_ids:
            review.take_up(tx, claim_id)


@pytest.mark.parametrize("is_known", [True, False])
def test_of_sixteen_dealers_that_race_one_is_protected(
    dealers: list[Caller], connections: None, is_known: bool
) -> None:
    if is_known:
        with transaction(REVIEWER) as tx:
            customers.create(tx, ISIL)
    claimed = dict(zip(dealers, at_once(dealers, submit), strict=True))
    take_up(list(claimed.values()))
    won = at_once(dealers, lambda caller: approve(claimed[caller]))
    assert (sum(won), rows(_APPROVED)) == (1, [(1, 1)])
    assert rows("SELECT count(*) FROM customers WHERE given_name = 'Işıl'") == [(1,)]
    assert rows("SELECT count(*) FROM claims WHERE status = 'rejected' AND told = 'submitted'") == [(RACERS - 1,)]
    assert rows("SELECT count(*) FROM shares WHERE role = 'owner'") == [(1,)]


def test_of_sixteen_records_of_one_person_one_is_protected(dealers: list[Caller], connections: None) -> None:
    def bring(caller: Caller) -> UUID:
        with transaction(caller) as tx:
            own = customers.create(tx, ISIL)["id"]
        return submit(caller, customer_id=own)

    claimed = dict(zip(dealers, at_once(dealers, bring), strict=True))
    take_up(list(claimed.values()))
    won = at_once(dealers, lambda caller: approve(claimed[caller]))
    assert (sum(won), rows(_APPROVED)) == (1, [(1, 1)])


def test_database_itself_lets_no_two_be_approved(dealers: list[Caller], cast: Cast) -> None:
    """Though nobody held anything: the index alone."""
    first, second = submit(dealers[0]), submit(dealers[1])
    approved = "UPDATE claims SET status = 'approved', customer_id = :customer, protected_until = now() WHERE id = :id"
    rows(f"{approved} RETURNING 1", customer=cast.cem_id, id=first)
    with pytest.raises(Exception, match="uq_claims_approved"):
        rows(f"{approved} RETURNING 1", customer=cast.cem_id, id=second)
