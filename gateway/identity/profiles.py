"""What matching keeps of every customer: its profile, its block keys, its terms; read afresh where it changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.bulk import as_array, stage
from gateway.db import Query, Transaction
from gateway.identity.blocks import with_keys
from gateway.identity.reading.profile import Profile, read_line, read_profile, write_line
from gateway.identity.weighing.terms import terms_of

_READ_FROM = (
    "kind", "given_name", "family_name", "organisation_name", "birth_date", "tax_id", "contact_points", "identifiers",
)  # fmt: skip
_CUSTOMERS = Query(text(f"SELECT id, {', '.join(_READ_FROM)} FROM customers WHERE id = ANY(:ids)"))  # noqa: S608
_STAGED = {"customer_id": "uuid", "profile": "text", "keys": "bigint[]", "terms": "text[]"}
# Only what changed is written: a run over the whole base that finds nothing new leaves the tables alone.
_CHANGED = """
    SELECT s.customer_id, s.profile, s.keys, s.terms, p.number, p.keys AS old_keys
    FROM stage_profiles s LEFT JOIN identity_profiles p ON p.customer_id = s.customer_id
    WHERE p.profile IS DISTINCT FROM s.profile OR p.keys IS DISTINCT FROM s.keys
"""
_STORE = Query(
    text(
        f"""
        WITH changed AS MATERIALIZED ({_CHANGED}),
        stored AS (
            INSERT INTO identity_profiles AS p (customer_id, profile, keys, terms)
            SELECT customer_id, profile, keys, terms FROM changed ORDER BY customer_id
            ON CONFLICT (customer_id) DO UPDATE
                SET profile = excluded.profile, keys = excluded.keys, terms = excluded.terms
            RETURNING p.customer_id, p.number, p.keys
        ),
        gone AS (
            DELETE FROM identity_blocks b USING changed c
            WHERE c.number IS NOT NULL AND b.number = c.number AND b.key = ANY(c.old_keys) AND b.key <> ALL(c.keys)
        )
        INSERT INTO identity_blocks (key, number)
        SELECT k.key, s.number FROM stored s CROSS JOIN unnest(s.keys) AS k (key)
        ORDER BY k.key
        ON CONFLICT DO NOTHING
        """  # noqa: S608  # our own text
    )
)
_KEPT = Query(text("SELECT customer_id, number, profile, keys FROM identity_profiles WHERE customer_id = ANY(:ids)"))
_COUNT = Query(text("SELECT count(*) FROM identity_profiles"))


class Kept(NamedTuple):
    """A customer as matching keeps it; `number` stands for its id in blocks."""

    customer_id: UUID
    number: int
    profile: Profile


def kept(customer_id: UUID, number: int, line: str, keys: Sequence[int]) -> Kept:
    """A row of the table."""
    return Kept(customer_id, number, read_line(line)._replace(keys=list(keys)))


def refresh(tx: Transaction, ids: Sequence[UUID]) -> None:
    """Read these customers afresh, as they stand; those that are gone have taken their profiles with them."""
    if rows := tx.rows(_CUSTOMERS, ids=list(ids)):
        stage(tx, "stage_profiles", _STAGED, _lines(rows))
        tx.run(_STORE)


def find(tx: Transaction, ids: Sequence[UUID]) -> list[Kept]:
    """What is kept of these customers."""
    return [kept(*row) for row in tx.rows(_KEPT, ids=list(ids))]


def count(tx: Transaction) -> int:
    """How many customers there are, as far as matching has read them."""
    row = tx.first(_COUNT)
    return int(row[0]) if row else 0


def profile_of(row: dict[str, Any]) -> Profile:
    """The profile and the block keys of one customer in stored form."""
    return with_keys(read_profile(row))


def _lines(rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[str]]:
    for customer_id, *values in rows:
        profile = profile_of(dict(zip(_READ_FROM, values, strict=True)))
        keys = f"{{{','.join(map(str, profile.keys))}}}"
        yield str(customer_id), write_line(profile._replace(keys=[])), keys, as_array(terms_of(profile))
