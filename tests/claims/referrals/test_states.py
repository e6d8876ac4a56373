"""Every act in every state of a referral: what it leads to, or that it does not exist there."""

from __future__ import annotations

from itertools import product

import pytest

from gateway.claims.referrals import states
from gateway.claims.referrals.states import ReferralNotOpen, after

LEADS_TO = {
    ("accept", "offered"): "accepted",
    ("decline", "offered"): "declined",
    ("withdraw", "offered"): "withdrawn",
    ("expire", "offered"): "expired",
    ("hand_over", "accepted"): "handed_over",
    ("return", "accepted"): "returned",
    ("return", "handed_over"): "returned",
}


@pytest.mark.parametrize(("act", "state"), list(product(states.ACTS, states.STATES)))
def test_act_leads_where_it_should_or_nowhere(act: str, state: str) -> None:
    if (act, state) in LEADS_TO:
        assert after(act, state) == LEADS_TO[act, state]
    else:
        with pytest.raises(ReferralNotOpen):
            after(act, state)
