"""Pairs, candidates and weights in wire form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.customers import fields, search
from gateway.db import Transaction
from gateway.identity import service, weights
from gateway.identity.models import IdentityMatching, IdentityPair, IdentityWeights
from gateway.identity.service import Match
from gateway.identity.weighing.model import default_model
from gateway.identity.weighing.why import Why
from schemas import identity as shapes
from schemas.identity_weights import Matching
from schemas.projection import show


def pairs_form(tx: Transaction, pairs: Sequence[IdentityPair]) -> list[dict[str, Any]]:
    """Pairs with the names of both; a customer that is just being deleted has none."""
    names = service.names_of(tx, {each for pair in pairs for each in (pair.first_id, pair.second_id)})
    return [
        show(
            shapes.Pair,
            pair,
            score=round(pair.bits, 3),
            first_name=names.get(pair.first_id, ""),
            second_name=names.get(pair.second_id, ""),
        )
        for pair in pairs
    ]


def whole_pair_form(tx: Transaction, pair: IdentityPair) -> dict[str, Any]:
    """A pair with both records and why; raises NotFound where one of them has gone."""
    seen = fields.seen_by(tx.caller)
    records = {name: search.get(tx, getattr(pair, f"{name}_id"), seen) for name in ("first", "second")}
    return pairs_form(tx, [pair])[0] | records | why_form(service.explain(tx, pair))


def why_form(found: Why) -> dict[str, Any]:
    """The rivals and the evidence in words."""
    rivals = [
        {"name": each.name, "bits": round(each.bits, 3), "expected": round(each.expected, 3), **each.said._asdict()}
        for each in found.rivals
    ]
    evidence = [
        {"field": each.field, "level": each.level, "bits": round(each.bits, 3), **each.said._asdict()}
        for each in found.evidence
    ]
    return {"rivals": rivals, "evidence": evidence}


def candidates_form(tx: Transaction, found: Sequence[Match]) -> dict[str, Any]:
    """Who may be meant, with why."""
    names = service.names_of(tx, {each.customer_id for each in found})
    items = [
        {"customer_id": each.customer_id, "display_name": names.get(each.customer_id, "")}
        | {"score": round(each.weighed.bits, 3), "outcome": each.outcome}
        | why_form(each.why)
        for each in found
    ]
    return {"items": items}


def weights_form(row: IdentityWeights | None) -> dict[str, Any]:
    """The weights in force."""
    kept: dict[str, Any]
    if row is None:
        kept = {"is_default": True, "compared": 0, "settled": 0, "created_at": None}
        return weights.written(default_model()) | kept
    kept = {"is_default": False, "compared": row.compared, "settled": row.settled, "created_at": row.created_at}
    return row.weights | kept


def matching_form(matching: IdentityMatching) -> dict[str, Any]:
    """A run over the whole base."""
    return show(Matching, matching)
