"""What an agreement comes to: what stands in it, and for the rest what partners of that kind usually have.

An own branch works for the house; an independent partner brings customers of its own and has them protected longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Conflict
from gateway.partners.models import Partner

OWN, INDEPENDENT = "own", "independent"


class AgreementOver(Conflict):
    """Nothing new is built upon an agreement that does not hold."""

    code, title = "agreement_over", "The agreement with this partner does not hold now"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new share grants, how long an approved claim protects, when claims and referrals are answered by.

    `preview_fields` are shown of a customer that is offered, before the partner has accepted it.
    """

    share_role: str
    protection_days: int
    answer_days: int
    preview_fields: tuple[str, ...]


USUAL = {
    OWN: Terms("servicer", 30, 7, ("kind", "city", "interest", "locale")),
    INDEPENDENT: Terms("owner", 90, 14, ("city", "interest")),
}


def terms_of(partner: Partner) -> Terms:
    """The terms of a partner's agreement."""
    usual, previewed = USUAL[partner.kind], partner.preview_fields
    return Terms(
        partner.share_role or usual.share_role,
        partner.protection_days or usual.protection_days,
        partner.answer_days or usual.answer_days,
        usual.preview_fields if previewed is None else tuple(previewed),
    )


def is_in_force(partner: Partner, moment: datetime) -> bool:
    """Whether the agreement holds at a moment."""
    is_begun = partner.valid_from is None or partner.valid_from <= moment
    return is_begun and (partner.valid_until is None or moment < partner.valid_until)


def require_in_force(partner: Partner, moment: datetime) -> None:
    """Raise AgreementOver where it does not hold."""
    if not is_in_force(partner, moment):
        raise AgreementOver(f"The agreement with {partner.code} does not hold now; nothing new can be built upon it.")
