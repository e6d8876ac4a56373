"""`api.list`: GET of 50 customers of a city, last changed first, by a partner's system, as a share of the floor's rate.

Against `benchmarks.floor.api`, which runs the product's own SELECT under the same settings and row-level security and
writes the same 50 records. On 100,000 customers: partners and cities drawn as customers live, where a page is full, so
that big cities of big partners are asked for most; 16 connections. Fair because statements and items are
compared before measuring; the floor leaves out the signature of the next page's cursor, and asks no schema about its
parameters.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from benchmarks.comparison import Comparison
from benchmarks.load import Wanted
from benchmarks.results import at_least
from benchmarks.stage import Database

_PAIRS = """
    WITH sizes AS (SELECT partner_id, city_key, count(*) AS size FROM shares GROUP BY partner_id, city_key)
    SELECT partner_id, city_key FROM shares JOIN sizes USING (partner_id, city_key)
    WHERE size > least(50, (SELECT max(size) - 1 FROM sizes))
    ORDER BY md5(customer_id::text || partner_id) LIMIT 20000
"""


def ask(database: Database, headers: dict[str, str]) -> list[Wanted]:
    """Each partner asks for the newest of a city, in the spelling that needs no folding."""
    return [
        Wanted("GET", f"/extranet/v1/customers?city={quote(city)}&sort=-updated_at&limit=50", headers[str(partner_id)])
        for partner_id, city in database.ask(_PAIRS)
    ]


def without(answer: Any) -> Any:
    """The cursor is signed in one and bare in the other: only whether there is one can be compared."""
    return answer | {"next": answer["next"] is not None}


BENCHMARK = Comparison("api.list", at_least(0.60), "api", ask, "FROM shares JOIN customers", without)
