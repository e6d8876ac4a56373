"""The words of names are learnt after they were written, counted, and forgotten with the last who bears them."""

from __future__ import annotations

import time
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from sqlalchemy import text

from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.customers.finding import jobs, vocabulary
from gateway.db import Query, Transaction, transaction

SYSTEM = Caller.system("test")
_WORDS = Query(text("SELECT word, customers FROM search_words ORDER BY word"))
_DELETE = Query(text("DELETE FROM customers WHERE id = :id"))


def add(*names: str) -> list[UUID]:
    with transaction(SYSTEM) as tx:
        return [customers.create(tx, {"kind": "organisation", "organisation_name": name})["id"] for name in names]


def known() -> dict[str, int]:
    with transaction(SYSTEM) as tx:
        return dict(tx.rows(_WORDS))


@pytest.mark.usefixtures("app")
def test_new_words_are_learnt_by_upkeep() -> None:
    jobs.learn_words()  # the first time it only takes its place
    add("Kuşadası Oto", "Oto Şimşek")
    assert known() == {}
    until = time.monotonic() + 20  # whatever else goes on in the server may hold the events back
    while not known() and time.monotonic() < until:
        jobs.learn_words()
    assert known() == {"kusadasi": 1, "oto": 1, "simsek": 1}


@pytest.mark.usefixtures("app")
def test_recount_finds_what_was_there_before_and_forgets_what_is_gone() -> None:
    ids = add("Kuşadası Oto", "Oto Şimşek")
    jobs.recount_words()
    assert known() == {"kusadasi": 1, "oto": 2, "simsek": 1}
    with transaction(SYSTEM) as tx:
        tx.run(_DELETE, id=ids[0])
    jobs.recount_words()
    assert known() == {"oto": 1, "simsek": 1}


@pytest.mark.usefixtures("app")
def test_word_that_nobody_bears_any_more_can_be_forgotten_at_once() -> None:
    ids = add("Kuşadası Oto", "Oto Şimşek")
    jobs.recount_words()
    with transaction(SYSTEM) as tx:
        tx.run(_DELETE, id=ids[0])
        vocabulary.forget(tx, ["kusadasi", "oto"])
    assert set(known()) == {"oto", "simsek"}


def test_every_word_one_error_away_is_found_and_no_other(system: Transaction) -> None:
    chance, letters = Random(1), "abci"
    words = {"".join(chance.choices(letters, k=chance.randint(3, 6))) for _ in range(400)}
    system.run(
        Query(text("INSERT INTO search_words (word, customers) SELECT unnest(CAST(:words AS text[])), 1")),
        words=list(words),
    )
    asked = [word for word in words if len(word) >= vocabulary.LEAST_LETTERS][:80]
    found = vocabulary.alike(system, asked)
    for word in asked:
        assert [each.word for each in found[word]] == sorted(each for each in words if OSA.distance(word, each) == 1)


@given(st.text("abc", min_size=4, max_size=12), st.randoms())
def test_one_error_leaves_the_beginning_or_the_end(word: str, chance: Random) -> None:
    at = chance.randrange(len(word))
    wrong = chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + "x" + word[at:],
            word[:at] + "x" + word[at + 1 :],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        ]
    )
    half = len(word) // 2
    end = word[half + 1 :]
    assert wrong.startswith(word[:half]) or wrong.endswith(end)
