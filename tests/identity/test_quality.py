"""The bounds of `identity.precision` and its kin, on a small base of another seed: what a change must not spoil."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from random import Random

import pytest

from benchmarks.identity_base import population, stored
from benchmarks.identity_errors import USUAL
from gateway.identity.blocks import most_in
from gateway.identity.profiles import profile_of
from gateway.identity.reading.profile import Profile
from gateway.identity.weighing.model import default_model
from gateway.identity.weighing.terms import LEAST_KEPT, Terms, terms_of

COUNT = 4000
Pairs = set[tuple[int, int]]


def counted(profiles: list[Profile]) -> Terms:
    counts: dict[str, int] = defaultdict(int)
    for term in (term for profile in profiles for term in terms_of(profile)):
        counts[term] += 1
    return Terms({term: count for term, count in counts.items() if count >= LEAST_KEPT}, len(profiles))


def met(profiles: list[Profile]) -> Pairs:
    blocks: dict[int, list[int]] = defaultdict(list)
    for number, profile in enumerate(profiles):
        for key in profile.keys:
            blocks[key].append(number)
    small = [block for key, block in blocks.items() if len(block) <= most_in(key)]
    pairs = {pair for block in small for pair in combinations(block, 2)}
    return {(one, two) for one, two in pairs if profiles[one].is_person == profiles[two].is_person}


@pytest.mark.parametrize(("has_ids", "precision", "recall"), [(True, 0.99, 0.95), (False, 0.97, 0.85)])
def test_bounds_hold_on_a_small_base(has_ids: bool, precision: float, recall: float) -> None:
    parties, chance, model = population(COUNT, 9, USUAL), Random(9), default_model()
    profiles = [profile_of(stored(party, chance, n, has_ids=has_ids)) for n, party in enumerate(parties)]
    members: dict[int, list[int]] = defaultdict(list)
    for number, party in enumerate(parties):
        members[party.truth].append(number)
    true = {pair for each in members.values() for pair in combinations(each, 2)}
    terms, judged = counted(profiles), defaultdict(set)
    for one, two in met(profiles):
        judged[model.outcome(model.weigh(profiles[one], profiles[two], terms).bits)].add((one, two))
    same, asked = judged["same"], judged["perhaps"]
    assert len(same & true) / len(same) >= precision
    assert len(asked - true) <= len(asked & true)
    assert len((same | asked) & true) / len(true) >= recall
