"""What a partner's system says of attributes is taken as they are declared; else it waits in quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.customers.attributes import known
from tests.conftest import Cast
from tests.customers.attributes.test_attributes import declare
from tests.customers.attributes.test_searching import found, search_by
from tests.sync.conftest import Dealer, rows
from tests.sync.test_push import share_cem

HELD = "SELECT attributes FROM customers WHERE given_name = 'Şule'"
WHY = "SELECT reasons -> 0 ->> 'pointer', reasons -> 0 ->> 'code' FROM sync_rejected"


@pytest.fixture
def closed(cast: Cast) -> Iterator[None]:
    """The installation refuses what nobody declared."""
    known.close_to_others(True)
    yield
    known.close_to_others(False)


def held() -> list[Any]:
    """The attributes of Şule here."""
    return [each for (each,) in rows(HELD)]


@pytest.mark.parametrize("others", [0, 150])
def test_value_that_is_not_as_declared_waits_in_quarantine(dealer: Dealer, cast: Cast, others: int) -> None:
    declare(cast, name="puan", type="integer", minimum=0)
    for number in range(others):  # enough to be prepared in a process beside
        dealer.add_customer(given_name="Su", attributes={"puan": number})
    dealer.add_customer(attributes={"puan": "çok"})
    counts = dealer.sync().streams["customers"]
    assert (counts["created"], counts["rejected"], rows(WHY)) == (others, 1, [("/attributes/puan", "invalid")])


def test_what_is_required_is_asked_of_a_new_record(dealer: Dealer, cast: Cast) -> None:
    declare(cast, name="puan", type="integer", is_required=True)
    dealer.add_customer()
    assert dealer.sync().streams["customers"]["rejected"] == 1
    assert rows(WHY) == [("/attributes/puan", "required")]


def test_change_is_held_to_the_declaration_and_the_rest_stays_as_it_was(dealer: Dealer, cast: Cast) -> None:
    name = dealer.add_customer(attributes={"puan": "çok", "renk": "mavi"})
    dealer.sync()
    declare(cast, name="puan", type="integer")
    dealer.system.change("customers", name, {"attributes": {"puan": "çok", "renk": "al"}})
    dealer.sync()
    assert held() == [{"puan": "çok", "renk": "al"}]
    dealer.system.change("customers", name, {"attributes": {"puan": "az", "renk": "mor"}})
    assert dealer.sync().streams["customers"]["rejected"] == 1
    assert held() == [{"puan": "çok", "renk": "al"}]


@pytest.mark.parametrize(
    "hidden", [{"visible_on": [], "writable_on": []}, {"is_by_agreement": True}, {"writable_on": []}]
)
def test_what_a_partner_may_not_write_is_passed_over(dealer: Dealer, cast: Cast, hidden: dict[str, Any]) -> None:
    declare(cast, name="sinif", type="string", **hidden)
    name = dealer.add_customer(attributes={"sinif": "A", "renk": "mavi"})
    dealer.sync()
    assert held() == [{"renk": "mavi"}]
    dealer.system.change("customers", name, {"attributes": {"sinif": "B", "renk": "al"}})
    assert dealer.sync().streams["customers"]["changed"] == 1
    assert held() == [{"renk": "al"}]


@pytest.mark.usefixtures("closed")
def test_undeclared_attribute_is_refused_where_the_house_says_so(dealer: Dealer, cast: Cast) -> None:
    declare(cast, name="renk", type="string")
    dealer.add_customer(attributes={"renk": "mavi", "baska": 1})
    assert dealer.sync().streams["customers"]["rejected"] == 1
    assert rows(WHY) == [("/attributes/baska", "unknown_field")]
    for api in (cast.ayse, cast.ankara):
        answer = api.post("/customers", {"kind": "person", "given_name": "Su", "attributes": {"baska": 1}})
        assert answer.get_json()["errors"][0]["pointer"] == "/attributes/baska"


def test_partner_is_sent_what_it_may_see(dealer: Dealer, cast: Cast) -> None:
    declare(cast, name="gizli", type="string", visible_on=[], writable_on=[])
    path = f"/customers/{cast.cem_id}"
    cast.ayse.patch(path, {"attributes": {"gizli": "SIR", "renk": "mavi"}}, version=1)
    share_cem(cast)
    dealer.sync()
    assert dealer.system.records("customers")[0]["attributes"] == {"body_type": "sedan", "renk": "mavi"}
    cast.ayse.patch(path, {"attributes": {"gizli": "başka"}}, version=2)
    assert dealer.sync().streams["customers"]["pushed"] == 0
    assert len(dealer.writes()) == 1


@pytest.mark.parametrize("others", [0, 150])
def test_what_a_partner_says_is_searched_for(dealer: Dealer, cast: Cast, others: int) -> None:
    search_by(cast, "renk")
    for _ in range(others):  # enough to be prepared in a process beside
        dealer.add_customer(given_name="Su", attributes={"renk": "mavi"})
    name = dealer.add_customer(attributes={"renk": "mor"})
    dealer.sync()
    assert (found(cast.ayse, renk="mor"), found(cast.ankara, renk="mor")) == (["Şule"], [])
    dealer.system.change("customers", name, {"attributes": {"renk": "al"}})
    dealer.sync()
    assert (found(cast.eskisehir, renk="mor"), found(cast.eskisehir, renk="al")) == ([], ["Şule"])
