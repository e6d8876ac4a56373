"""The states of a referral.

offered ─accept→ accepted ─hand_over→ handed_over; whoever accepted may return it. Else it is declined, withdrawn by the
house, or expires.
"""

from __future__ import annotations

from gateway.errors import Conflict

OFFERED, ACCEPTED, HANDED_OVER = "offered", "accepted", "handed_over"
DECLINED, EXPIRED, WITHDRAWN, RETURNED = "declined", "expired", "withdrawn", "returned"
STATES = (OFFERED, ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, HANDED_OVER, RETURNED)
TAKEN = (ACCEPTED, HANDED_OVER)
_AFTER: dict[str, tuple[str, tuple[str, ...]]] = {
    "accept": (ACCEPTED, (OFFERED,)),
    "decline": (DECLINED, (OFFERED,)),
    "withdraw": (WITHDRAWN, (OFFERED,)),
    "expire": (EXPIRED, (OFFERED,)),
    "hand_over": (HANDED_OVER, (ACCEPTED,)),
    "return": (RETURNED, TAKEN),
}
ACTS = tuple(_AFTER)


class ReferralNotOpen(Conflict):
    """It was answered already, or its time is over."""

    code, title = "referral_not_open", "The referral is in another state, which does not allow this"


def after(act: str, state: str) -> str:
    """The state that an act leads to; raises ReferralNotOpen where it does not exist in this one."""
    leads_to, allowed = _AFTER[act]
    if state not in allowed:
        raise ReferralNotOpen(f"The referral is {state.replace('_', ' ')}.")
    return leads_to
