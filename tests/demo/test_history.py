"""What the demo promises about its interactions."""

import time
from collections import Counter
from decimal import Decimal

from demo.history import counts_of, interactions_of
from demo.people import Party, population
from demo.records import Record, customers_of
from demo.world import CEM, DEALERS, DEMO_DATE, INTERACTIONS
from schemas.record import CHANNELS, INTERACTION_KINDS, InteractionRecord

Interactions = dict[str, list[Record]]


def everything(interactions: Interactions) -> list[Record]:
    return [record for records in interactions.values() for record in records]


def test_dealers_hold_forty_thousand_interactions(interactions: Interactions) -> None:
    assert len(everything(interactions)) == INTERACTIONS == 40_000


def test_every_interaction_has_the_shape_of_a_record(interactions: Interactions) -> None:
    assert InteractionRecord(many=True).validate(everything(interactions)) == {}


def test_every_interaction_belongs_to_a_customer_of_its_dealer(
    interactions: Interactions, customers: dict[str, list[Record]]
) -> None:
    for code, records in interactions.items():
        known = {customer["external_id"] for customer in customers[code]}
        assert {record["customer_external_id"] for record in records} == known


def test_every_channel_kind_direction_and_rating_occurs(interactions: Interactions) -> None:
    records = everything(interactions)
    assert {record["channel"] for record in records} == set(CHANNELS)
    assert {record["kind"] for record in records} == set(INTERACTION_KINDS)
    assert {record["direction"] for record in records} == {"in", "out"}
    assert {record["satisfaction"] for record in records if "satisfaction" in record} == {1, 2, 3, 4, 5}


def test_dealers_never_write_internal_interactions(interactions: Interactions) -> None:
    assert {record["visibility"] for record in everything(interactions)} == {"partner", "shared"}


def test_a_purchase_costs_what_its_lines_add_up_to(interactions: Interactions) -> None:
    purchases = [record for record in everything(interactions) if record["kind"] == "purchase"]
    for record in purchases:
        total = sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in record["products"])
        assert record["amount"] == {"value": str(total), "currency": "TRY"}
    assert len(purchases) > 3_000


def test_a_prospect_has_bought_nothing(interactions: Interactions, customers: dict[str, list[Record]]) -> None:
    prospects = {record["external_id"] for record in customers["ankara"] if record["status"] == "prospect"}
    kinds = {r["kind"] for r in interactions["ankara"] if r["customer_external_id"] in prospects}
    assert kinds == {"inquiry", "offer", "other"}


def test_cem_bought_a_sedan(interactions: Interactions) -> None:
    his = [record for record in interactions[CEM[0]] if record["customer_external_id"] == CEM[1]]
    assert any(line["name"] == "Lodos 1.6 Sedan" for record in his for line in record.get("products", []))


def test_more_than_a_page_of_interactions_share_one_time(interactions: Interactions) -> None:
    for records in interactions.values():
        [(_, together)] = Counter(record["updated_at"] for record in records).most_common(1)
        assert together > 200


def test_no_interaction_is_younger_than_the_demo(interactions: Interactions) -> None:
    assert max(record["updated_at"] for record in everything(interactions)) < DEMO_DATE.isoformat()
    assert max(record["occurred_at"] for record in everything(interactions)) < DEMO_DATE.isoformat()


def test_same_seed_makes_the_same_interactions(interactions: Interactions) -> None:
    people = population()
    assert list(interactions_of("trabzon", people, counts_of(people))) == interactions["trabzon"]


def test_whole_world_is_made_in_three_seconds_of_work() -> None:
    started = time.thread_time()
    people: list[Party] = population()
    counts = counts_of(people)
    for dealer in DEALERS:
        assert sum(1 for _ in customers_of(dealer.code, people))
        assert sum(1 for _ in interactions_of(dealer.code, people, counts))
    assert time.thread_time() - started < 3
