"""Weights from what was compared and settled."""

from __future__ import annotations

from random import Random

import pytest

from gateway.identity.weighing.comparison import PERSON_FIELDS, Vector
from gateway.identity.weighing.defaults import SAME
from gateway.identity.weighing.estimation import Observed, estimate
from gateway.identity.weighing.model import Side, default_model

PEOPLE = default_model().people


def drawn(side: Side, kind: str, chance: Random) -> Vector:
    """Levels of a pair as a class of the model makes them; tax ids and identifiers are unknown."""
    levels = [chance.choices(range(4), side.table[name][kind])[0] for name in PERSON_FIELDS]
    return tuple(
        4 if name in ("tax_id", "identifier", "generation") else each
        for name, each in zip(PERSON_FIELDS, levels, strict=True)
    )


def with_sloppy_birth_dates() -> Side:
    """A world like ours in which every third birth date is a little wrong."""
    table = {**PEOPLE.table, "birth_date": {**PEOPLE.table["birth_date"], SAME: (0.60, 0.34, 0.04, 0.02)}}
    return Side(True, table, PEOPLE.partners)


def sample(world: Side) -> list[Observed]:
    chance = Random(5)
    kinds = {SAME: 2000, "relative": 4000, "twin": 300, "namesake": 300, "stranger": 4000}
    return [Observed(drawn(world, kind, chance), 1) for kind, count in kinds.items() for _ in range(count)]


def test_errors_of_a_base_are_learnt_from_pairs_of_which_nobody_said_what_they_are() -> None:
    near = estimate(PEOPLE, sample(with_sloppy_birth_dates())).table["birth_date"][SAME][1]
    assert PEOPLE.table["birth_date"][SAME][1] + 0.08 < near < 0.34


def test_every_estimated_row_is_a_distribution() -> None:
    rows = [row for classes in estimate(PEOPLE, sample(PEOPLE)).table.values() for row in classes.values()]
    assert all(sum(row) == pytest.approx(1, abs=1e-4) and min(row) > 0 for row in rows)


def test_nothing_observed_changes_nothing() -> None:
    assert estimate(PEOPLE, []) == PEOPLE


def test_what_a_person_settled_counts_for_what_they_said() -> None:
    maiden: Vector = (0, 3, 4, 0, 4, 4, 4, 4, 4)
    settled = estimate(PEOPLE, [Observed(maiden, 500, is_same=True), *sample(PEOPLE)])
    refused = estimate(PEOPLE, [Observed(maiden, 500, is_same=False), *sample(PEOPLE)])
    assert settled.table["family_name"][SAME][3] > PEOPLE.table["family_name"][SAME][3] + 0.03
    assert refused.table["family_name"][SAME][3] < settled.table["family_name"][SAME][3]


def test_few_pairs_move_little() -> None:
    odd = estimate(PEOPLE, [Observed((3, 3, 4, 3, 4, 4, 4, 4, 4), 3, is_same=True)])
    assert abs(odd.table["given_name"][SAME][0] - PEOPLE.table["given_name"][SAME][0]) < 0.15
