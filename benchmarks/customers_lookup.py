"""`customers.lookup`: who is calling, at 1,000,000 customers, in requests per second, as a share of the floor's.

Against `benchmarks.floor.lookup`: a bare WSGI function on the same granian that runs the product's own statements under
the same row-level security and writes the same JSON. Numbers are drawn at random from the base and written as a
telephone system passes them on, 05…; 16 connections, each request another number. Fair because statements and answers
are compared before measuring; what remains is token, scope, quota, reading the number, error shapes and metrics.
"""

from __future__ import annotations

from benchmarks.comparison import Comparison
from benchmarks.load import Wanted
from benchmarks.results import at_least
from benchmarks.search_base import search_base
from benchmarks.stage import Database, Stage

_PHONES = """
    SELECT reverse(substr(key, 2)) FROM customer_keys TABLESAMPLE SYSTEM (20) REPEATABLE (3)
    WHERE key >= 'p' AND key < 'q' ORDER BY md5(key) LIMIT 20000
"""


class Lookup(Comparison):
    """The comparison, on a base of its own."""

    def database(self, stage: Stage) -> Database:
        """The large base."""
        return search_base(stage)


def ask(database: Database, headers: dict[str, str]) -> list[Wanted]:
    """The desk asks for numbers of the base."""
    (header,) = headers.values()
    return [
        Wanted("GET", f"/intranet/v1/customers/lookup?phone={phone.removeprefix('9')}", header)
        for (phone,) in database.ask(_PHONES)
    ]


BENCHMARK = Lookup("customers.lookup", at_least(0.40), "lookup", ask, "FROM customer_keys", lambda answer: answer)
