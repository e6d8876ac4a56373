"""What the demo promises about its customers."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

import phonenumbers
import pytest
from stdnum.tr import tckimlik, vkn

from demo.numbers import identity_number, mobile_number, tax_number
from demo.people import Party, age_on, known_twice, population
from demo.records import Record, customers_of, email_of
from demo.world import CEM, CUSTOMERS, DEALERS, DEMO_DATE
from schemas.record import CustomerRecord

Customers = dict[str, list[Record]]


def everyone(customers: Customers) -> list[Record]:
    return [record for records in customers.values() for record in records]


def city_of(record: Record) -> str:
    return str(next(point["address"]["city"] for point in record["contact_points"] if point["kind"] == "address"))


def sedan_share(records: Iterable[Record]) -> float:
    tastes = [record["attributes"]["body_type"] for record in records if "body_type" in record["attributes"]]
    return tastes.count("sedan") / len(tastes)


def older_than(age: int, records: Iterable[Record], day: date = DEMO_DATE) -> list[Record]:
    born = [(record, record.get("birth_date")) for record in records]
    return [record for record, birth in born if birth and age_on(day, date.fromisoformat(birth)) > age]


def records_of(people: list[Party], seed: int) -> list[Record]:
    return [record for dealer in DEALERS for record in customers_of(dealer.code, people, seed)]


def full_name(record: Record) -> tuple[str, str]:
    return record["given_name"], record["family_name"]


def test_dealers_know_five_thousand_customers(customers: Customers) -> None:
    assert len(everyone(customers)) == CUSTOMERS == 5_000
    assert len(customers) >= 4


@pytest.mark.parametrize("seed", [1923, 1, 2, 3])
def test_three_quarters_of_the_nation_like_sedans(seed: int) -> None:
    assert sedan_share(records_of(population(seed), seed)) == pytest.approx(0.75, abs=0.01)


@pytest.mark.parametrize("seed", [1923, 1, 2, 3])
@pytest.mark.parametrize("day", [DEMO_DATE, date(2028, 6, 1)])
def test_nine_in_ten_over_35_in_eskisehir_like_sedans(seed: int, day: date) -> None:
    living_there = [record for record in records_of(population(seed), seed) if city_of(record) == "Eskişehir"]
    older = older_than(35, living_there, day)
    assert len(older) > 500
    assert sedan_share(older) == pytest.approx(0.90, abs=0.01)


def test_taste_of_everyone_over_35_in_eskisehir_is_known(customers: Customers) -> None:
    older = older_than(35, [record for record in everyone(customers) if city_of(record) == "Eskişehir"])
    assert all("body_type" in record["attributes"] for record in older)


def test_some_tastes_are_unknown(customers: Customers) -> None:
    unknown = [record for record in everyone(customers) if "body_type" not in record["attributes"]]
    assert 300 < len(unknown) < 1_500


def test_cem_bey_of_eskisehir_likes_sedans(customers: Customers) -> None:
    [cem] = [record for record in everyone(customers) if record.get("given_name") == "Cem"]
    assert (cem["external_id"], city_of(cem)) == (CEM[1], "Eskişehir")
    assert cem["attributes"]["honorific"] == "Bey"
    assert cem["attributes"]["body_type"] == "sedan"
    assert cem["contact_points"][0] == {"kind": "email", "value": "cem@example.com", "primary": True}
    assert older_than(35, [cem]) == [cem]


def test_every_customer_has_the_shape_of_a_record(customers: Customers) -> None:
    faults = CustomerRecord(many=True).validate(everyone(customers))
    assert faults == {}


def test_external_ids_are_unique_and_name_the_dealer(customers: Customers) -> None:
    for dealer in DEALERS:
        ids = [record["external_id"] for record in customers[dealer.code]]
        assert ids == [f"{dealer.prefix}-{number:06d}" for number in range(1, len(ids) + 1)]


def test_same_seed_makes_the_same_customers(customers: Customers) -> None:
    again = population()
    assert list(customers_of("izmir", again)) == customers["izmir"]


def test_some_persons_are_known_to_two_dealers_in_two_spellings(people: list[Party], customers: Customers) -> None:
    by_id = {record["external_id"]: record for record in everyone(customers)}
    pairs = [(by_id[first], by_id[second]) for first, second in known_twice(people)]
    assert len(pairs) == 160
    assert all(full_name(one) != full_name(other) for one, other in pairs)
    assert all(one["attributes"].get("body_type") == other["attributes"].get("body_type") for one, other in pairs)


def test_more_than_a_page_of_customers_share_one_time(customers: Customers) -> None:
    for records in customers.values():
        [(_, together)] = Counter(record["updated_at"] for record in records).most_common(1)
        assert together > 200


def test_no_customer_is_younger_than_the_demo(customers: Customers) -> None:
    assert max(record["updated_at"] for record in everyone(customers)) < DEMO_DATE.isoformat()


@pytest.mark.parametrize("index", [0, 1, 17, 999, 4_839])
def test_numbers_have_valid_check_digits(index: int) -> None:
    assert tckimlik.is_valid(identity_number(index))
    assert vkn.is_valid(tax_number(index))
    assert phonenumbers.is_valid_number(phonenumbers.parse(mobile_number(index)))


def test_no_two_parties_share_a_number_or_an_address(people: list[Party]) -> None:
    for number in (identity_number, tax_number, mobile_number):
        assert len({number(party.index) for party in people}) == len(people)
    assert len({email_of(party) for party in people}) == len(people)


def test_mail_can_only_go_to_example_domains(customers: Customers) -> None:
    points = [point for record in everyone(customers) for point in record["contact_points"]]
    domains = {point["value"].rpartition("@")[2] for point in points if point["kind"] == "email"}
    assert domains == {"example.com", "example.org"}
