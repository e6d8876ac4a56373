"""The states of a claim and what leads from one to another.

draft ─submit→ submitted ─review→ under_review ─approve→ approved ─expire→ expired. What is not approved is rejected by
a reviewer, loses to the one that is, expires undecided, or is withdrawn; a merge may contest what was approved.
"""

from __future__ import annotations

from gateway.errors import Conflict

DRAFT, SUBMITTED, UNDER_REVIEW, APPROVED = "draft", "submitted", "under_review", "approved"
REJECTED, EXPIRED, WITHDRAWN = "rejected", "expired", "withdrawn"
STATES = (DRAFT, SUBMITTED, UNDER_REVIEW, APPROVED, REJECTED, EXPIRED, WITHDRAWN)
UNDECIDED = (SUBMITTED, UNDER_REVIEW)
_AFTER: dict[str, tuple[str, tuple[str, ...]]] = {
    "change": (DRAFT, (DRAFT,)),
    "submit": (SUBMITTED, (DRAFT,)),
    "withdraw": (WITHDRAWN, (DRAFT, SUBMITTED, UNDER_REVIEW)),
    "review": (UNDER_REVIEW, (SUBMITTED,)),
    "approve": (APPROVED, (UNDER_REVIEW,)),
    "reject": (REJECTED, (UNDER_REVIEW,)),
    "lose": (REJECTED, UNDECIDED),
    "expire": (EXPIRED, (*UNDECIDED, APPROVED)),
    "contest": (UNDER_REVIEW, (APPROVED,)),
}
ACTS = tuple(_AFTER)


class ClaimNotOpen(Conflict):
    """The claim is past that, or not there yet."""

    code, title = "claim_not_open", "The claim is in another state, which does not allow this"


class ClaimProtected(Conflict):
    """Another claim to the same person and scope is approved, and its protection lasts."""

    code, title = "claim_protected", "Another claim to this person and scope is approved and protected"


def after(act: str, state: str) -> str:
    """The state that an act leads to; raises ClaimNotOpen where it does not exist in this one."""
    leads_to, allowed = _AFTER[act]
    if state not in allowed:
        raise ClaimNotOpen(f"The claim is {state.replace('_', ' ')}.")
    return leads_to
