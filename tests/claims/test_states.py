"""Every act in every state: what it leads to, or that it does not exist there."""

from __future__ import annotations

from itertools import product

import pytest

from gateway.claims import states
from gateway.claims.states import ClaimNotOpen, after

LEADS_TO = {
    ("change", "draft"): "draft",
    ("submit", "draft"): "submitted",
    ("withdraw", "draft"): "withdrawn",
    ("withdraw", "submitted"): "withdrawn",
    ("withdraw", "under_review"): "withdrawn",
    ("review", "submitted"): "under_review",
    ("approve", "under_review"): "approved",
    ("reject", "under_review"): "rejected",
    ("lose", "submitted"): "rejected",
    ("lose", "under_review"): "rejected",
    ("expire", "submitted"): "expired",
    ("expire", "under_review"): "expired",
    ("expire", "approved"): "expired",
    ("contest", "approved"): "under_review",
}


@pytest.mark.parametrize(("act", "state"), list(product(states.ACTS, states.STATES)))
def test_act_leads_where_it_should_or_nowhere(act: str, state: str) -> None:
    if (act, state) in LEADS_TO:
        assert after(act, state) == LEADS_TO[act, state]
    else:
        with pytest.raises(ClaimNotOpen):
            after(act, state)


def test_what_has_ended_stays_so() -> None:
    ended = {"rejected", "expired", "withdrawn"}
    assert {state for _, state in LEADS_TO} == set(states.STATES) - ended
