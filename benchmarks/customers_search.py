"""`customers.search_p95`: the p95 latency of search at 1,000,000 customers over that of the look-up by phone.

Both are the product itself, one server, in alternating rounds of 4 connections: with 16 the server is full, and the
tail would tell of the queue before it. Searched is for customers drawn at random, by what somebody types who has them
before them (out of 100): 30 both names, half of them without Turkish letters, in either order; 15 the surname; 15 a
name and the beginning of the other; 15 both names with one typing error; 9 a phone; 5 its last four digits; 3 five
digits from its middle; 4 an e-mail; 4 an identifier. A page has 20 with name and contact points.
"""

from __future__ import annotations

from random import Random
from urllib.parse import urlencode

from rich.console import Console

from benchmarks import customers_lookup, rounds
from benchmarks.identity_people import ASCII
from benchmarks.load import Wanted, write_requests
from benchmarks.results import Result, at_most
from benchmarks.rounds import Target
from benchmarks.search_base import search_base
from benchmarks.stage import Stage, tokens_of

_SEED, _LETTERS = 21, "abcdefghijklmnoprstuvyz"
_DRAWN = """
    SELECT c.given_name, c.family_name, right(p.key, -1), right(e.key, -1), c.identifiers -> 0 ->> 'value'
    FROM customers c TABLESAMPLE SYSTEM (20) REPEATABLE (3)
    JOIN customer_keys p ON p.customer_id = c.id AND p.key >= 'p' AND p.key < 'q'
    JOIN customer_keys e ON e.customer_id = c.id AND e.key >= 'e' AND e.key < 'f'
    WHERE c.given_name <> '' AND c.family_name <> '' ORDER BY md5(c.id::text) LIMIT 20000
"""
Drawn = tuple[str, str, str, str, str]


class Search:
    """The benchmark."""

    name = "customers.search_p95"
    connections = 4

    def run(self, stage: Stage, console: Console) -> list[Result]:
        """p95 of search over p95 of look-up, for every round."""
        database = search_base(stage)
        with stage.product(database) as server:
            ((token, _),) = tokens_of(server, database).items()
            known = customers_lookup.ask(database, {"": f"Bearer {token}"})
            typed = ask(database.ask(_DRAWN), f"Bearer {token}")
            lookups = Target(server, write_requests(stage.folder / "lookups.requests", known))
            searches = Target(server, write_requests(stage.folder / "searches.requests", typed))
            turns = rounds.alternate(stage, searches, lookups, self.connections)
        rounds.show(console, self.name, turns, ("look-up", "search"))
        return [Result(self.name, "× p95", at_most(3), [ours.load.p95_ms / by.load.p95_ms for ours, by in turns])]


def ask(drawn: list[Drawn], header: str) -> list[Wanted]:
    """What the desk types."""
    chance = Random(_SEED)
    path = "/intranet/v1/customers?limit=20&fields=id,display_name,contact_points&"
    return [Wanted("GET", path + urlencode({"q": typed(chance, *each)}), header) for each in drawn]


def typed(chance: Random, given: str, family: str, backwards: str, email: str, identifier: str) -> str:
    """What somebody types who looks for this customer."""
    if chance.random() < 0.5:
        given, family = given.translate(ASCII).lower(), family.translate(ASCII).lower()
    both = [given, family]
    chance.shuffle(both)
    phone, at = backwards[::-1], chance.randint(4, 6)
    cut = f"{both[0]} {both[1][: max(3, len(both[1]) // 2)]}"
    ways = (" ".join(both), family, cut, f"{given} {mistyped(chance, family)}", phone.removeprefix("9"), phone[-4:])
    weights = (30, 15, 15, 15, 9, 5, 3, 4, 4)
    return chance.choices((*ways, phone[at : at + 5], email, identifier), weights)[0]


def mistyped(chance: Random, word: str) -> str:
    """The word with one letter other, more, less, or swapped with the next."""
    at, letter = chance.randrange(len(word) - 1), chance.choice(_LETTERS)
    end = word[at + 1 :]
    wrong = (letter + end, letter + word[at] + end, end, word[at + 1] + word[at] + word[at + 2 :])
    return word[:at] + chance.choice(wrong)


BENCHMARK = Search()
