"""`api.get`: GET of one customer by a partner's system, in requests per second, as a share of the floor's.

Against `benchmarks.floor.api`: a bare WSGI function on the same granian (2 workers, 4 threads) that runs the product's
own SELECT in a transaction begun with the same settings, under the same row-level security, and writes the same JSON.
On 100,000 customers: 20,000 random pairs of a partner and one of its customers, 16 connections, each request another.
Fair because both send the database the same statements (checked in its log before measuring) and their callers the
same record (compared before measuring); what remains is what our rules and our framework cost: token, scope, quota,
fields of the agreement, error shapes, metrics.
"""

from __future__ import annotations

from benchmarks.comparison import Comparison
from benchmarks.load import Wanted
from benchmarks.results import at_least
from benchmarks.stage import Database

_PAIRS = "SELECT partner_id, customer_id FROM shares ORDER BY md5(customer_id::text || partner_id) LIMIT 20000"


def ask(database: Database, headers: dict[str, str]) -> list[Wanted]:
    """Each partner asks for customers of its own."""
    return [
        Wanted("GET", f"/extranet/v1/customers/{customer_id}", headers[str(partner_id)])
        for partner_id, customer_id in database.ask(_PAIRS)
    ]


BENCHMARK = Comparison("api.get", at_least(0.40), "api", ask, "FROM shares JOIN customers", lambda answer: answer)
