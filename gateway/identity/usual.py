"""How usual each term is in this base: counted over the whole base now and then, read where two records share it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import text

from gateway.db import Query, Transaction
from gateway.identity.profiles import count
from gateway.identity.reading.profile import Profile
from gateway.identity.weighing.terms import LEAST_KEPT, Terms, terms_of

_FORGET = Query(text("DELETE FROM identity_terms"))
_COUNT = Query(
    text(
        """
        INSERT INTO identity_terms (term, count)
        SELECT term, count(*) FROM identity_profiles CROSS JOIN unnest(terms) AS t (term)
        GROUP BY term HAVING count(*) >= :least
        """
    )
)
_ALL = Query(text("SELECT term, count FROM identity_terms"))
_SOME = Query(text("SELECT term, count FROM identity_terms WHERE term = ANY(:terms)"))


def recount(tx: Transaction) -> None:
    """Count every term of the base afresh."""
    tx.run(_FORGET)
    tx.run(_COUNT, least=LEAST_KEPT)


def all_terms(tx: Transaction) -> Terms:
    """Everything that was counted, for a run over the whole base."""
    return Terms(dict(tx.rows(_ALL)), count(tx))


def terms_for(tx: Transaction, profiles: Iterable[Profile]) -> Terms:
    """The terms of some records alone: a pair is weighed by what both have, so one side of each is enough."""
    wanted = sorted({term for profile in profiles for term in terms_of(profile)})
    return Terms(dict(tx.rows(_SOME, terms=wanted)), count(tx))
