"""The generated world, made once for all tests of the demo."""

import pytest

from demo.history import counts_of, interactions_of
from demo.people import Party, population
from demo.records import Record, customers_of
from demo.world import DEALERS


@pytest.fixture(scope="session")
def people() -> list[Party]:
    return population()


@pytest.fixture(scope="session")
def customers(people: list[Party]) -> dict[str, list[Record]]:
    return {dealer.code: list(customers_of(dealer.code, people)) for dealer in DEALERS}


@pytest.fixture(scope="session")
def interactions(people: list[Party]) -> dict[str, list[Record]]:
    counts = counts_of(people)
    return {dealer.code: list(interactions_of(dealer.code, people, counts)) for dealer in DEALERS}
