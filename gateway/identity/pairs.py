"""Pairs that were judged: the same and the perhaps are kept, what a person has settled is never touched again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text

from gateway.bulk import as_json, stage
from gateway.db import Query, Transaction, new_id_texts
from gateway.identity.candidates import Pair
from gateway.identity.weighing.comparison import Vector
from gateway.identity.weighing.model import Model, Weighed
from gateway.identity.weighing.terms import Terms

Patterns = Counter[tuple[bool, Vector]]
_STAGED = {
    "id": "uuid", "first_id": "uuid", "second_id": "uuid", "is_person": "boolean", "bits": "double precision",
    "levels": "smallint[]", "adjusted": "jsonb", "outcome": "text",
}  # fmt: skip
_NAMES = ", ".join(_STAGED)
_STORE = Query(
    text(
        f"""
        INSERT INTO identity_pairs AS p ({_NAMES}, status, created_at, updated_at)
        SELECT {_NAMES}, 'open', now(), now() FROM stage_pairs ORDER BY first_id, second_id
        ON CONFLICT (first_id, second_id) DO UPDATE SET
            bits = excluded.bits, levels = excluded.levels, adjusted = excluded.adjusted, outcome = excluded.outcome,
            updated_at = now()
        WHERE p.status = 'open'
        """  # noqa: S608  # names are ours
    )
)
_DROP_OTHERS = Query(
    text(
        """
        DELETE FROM identity_pairs p
        WHERE p.status = 'open' AND (p.first_id = ANY(:ids) OR p.second_id = ANY(:ids))
          AND NOT EXISTS (SELECT FROM stage_pairs s WHERE s.first_id = p.first_id AND s.second_id = p.second_id)
        """
    )
)
_NOTE_PATTERNS = Query(
    text(
        """
        INSERT INTO identity_patterns AS p (is_person, levels, count)
        SELECT is_person, levels, count FROM stage_patterns
        ON CONFLICT (is_person, levels) DO UPDATE SET count = p.count + excluded.count
        """
    )
)


class Found(NamedTuple):
    """A pair worth keeping."""

    first_id: UUID
    second_id: UUID
    is_person: bool
    weighed: Weighed
    outcome: str


def judge(pairs: Iterable[Pair], model: Model, terms: Terms, patterns: Patterns) -> list[Found]:
    """Weigh pairs, note how their fields compared, and answer those that are not different."""
    found: list[Found] = []
    for one, two in pairs:
        weighed = model.weigh(one.profile, two.profile, terms)
        patterns[one.profile.is_person, weighed.vector] += 1
        if weighed.bits >= model.doubtful_bits:
            first_id, second_id = sorted((one.customer_id, two.customer_id))
            found.append(Found(first_id, second_id, one.profile.is_person, weighed, model.outcome(weighed.bits)))
    return found


def store(tx: Transaction, found: Sequence[Found], of: Sequence[UUID] = ()) -> None:
    """Keep these pairs; open ones of the customers `of` that are not among them have come apart and go."""
    if found or of:
        ids = new_id_texts(len(found))
        stage(tx, "stage_pairs", _STAGED, (_line(*each) for each in zip(ids, found, strict=True)))
        if of:
            tx.run(_DROP_OTHERS, ids=list(of))
        tx.run(_STORE)


def note_patterns(tx: Transaction, patterns: Patterns) -> None:
    """Count how often each row of levels was met."""
    if patterns:
        columns = {"is_person": "boolean", "levels": "smallint[]", "count": "bigint"}
        rows = (("t" if person else "f", _array(vector), str(n)) for (person, vector), n in sorted(patterns.items()))
        stage(tx, "stage_patterns", columns, rows)
        tx.run(_NOTE_PATTERNS)


def _line(pair_id: str, found: Found) -> Sequence[str]:
    weighed = found.weighed
    return (
        pair_id, str(found.first_id), str(found.second_id), "t" if found.is_person else "f", repr(weighed.bits),
        _array(weighed.vector), as_json(weighed.adjusted), found.outcome,
    )  # fmt: skip


def _array(vector: Vector) -> str:
    return f"{{{','.join(map(str, vector))}}}"
