"""A claim as the house sees it: whose, what became of it, and with what it competes."""

from __future__ import annotations

from typing import Any

from gateway.claims import contest, evidence, review
from gateway.claims.models import Claim
from gateway.db import Transaction

_SAME = (
    "id", "partner", "raised_by", "status", "told", "customer_id", "scope", "evidence", "note", "submitted_at",
    "answer_by", "decided_at", "decided_by", "decision_note", "protected_until", "created_at",
)  # fmt: skip


def house_form(claim: Claim) -> dict[str, Any]:
    """One claim."""
    proved = evidence.is_valid(claim.evidence, claim.submitted_at)
    return {name: getattr(claim, name) for name in _SAME} | {"person": claim.person or None, "proved": proved}


def with_rivals(tx: Transaction, claim: Claim) -> dict[str, Any]:
    """The same with whom it may be about, what else is claimed, and what the rule suggests."""
    candidates = review.candidates(tx, claim)
    rivals = contest.rivals(tx, claim, candidates[0] if len(candidates) == 1 else None)
    live = [each for each in (claim, *rivals) if each.status in contest.LIVE]
    suggested = contest.suggest(live)
    return house_form(claim) | {
        "candidates": candidates,
        "rivals": [house_form(each) for each in rivals],
        "suggested": None if suggested is None else suggested._asdict(),
    }
