"""What an agreement comes to, and for how long it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.partners import service
from gateway.partners.models import Partner
from gateway.partners.terms import INDEPENDENT, OWN, AgreementOver, is_in_force, require_in_force, terms_of
from tests.conftest import Cast
from tests.sync.conftest import rows

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def partner(kind: str, **said: Any) -> Partner:
    return Partner(code="izmir", name="İzmir Oto", kind=kind, **said)


def test_own_branch_and_independent_partner_have_other_terms() -> None:
    own, independent = (terms_of(partner(kind)) for kind in (OWN, INDEPENDENT))
    assert (own.share_role, independent.share_role) == ("servicer", "owner")
    assert own.protection_days < independent.protection_days
    assert set(own.preview_fields) > set(independent.preview_fields)


def test_what_the_agreement_says_goes_before_what_is_usual() -> None:
    terms = terms_of(partner(OWN, share_role="viewer", protection_days=5, preview_fields=[]))
    assert (terms.share_role, terms.protection_days, terms.preview_fields) == ("viewer", 5, ())


@pytest.mark.parametrize(
    ("begins", "ends", "holds"),
    [
        (None, None, True),
        (NOON, None, True),
        (NOON + DAY, None, False),
        (None, NOON, False),
        (NOON - DAY, NOON + DAY, True),
    ],
)
def test_agreement_holds_from_its_first_moment_to_before_its_last(
    begins: datetime | None, ends: datetime | None, holds: bool
) -> None:
    agreed = partner(OWN, valid_from=begins, valid_until=ends)
    assert is_in_force(agreed, NOON) is holds
    if not holds:
        with pytest.raises(AgreementOver):
            require_in_force(agreed, NOON)


def test_agreement_is_changed_and_shown_with_what_it_comes_to(cast: Cast) -> None:
    said = {"kind": "own", "purposes": ["service"], "protection_days": 7, "valid_until": "2030-01-01T00:00:00Z"}
    shown = cast.ayse.patch("/partners/ankara", said, version=1).get_json()
    assert {name: shown[name] for name in said} == said
    assert (shown["terms"]["protection_days"], shown["terms"]["share_role"]) == (7, "servicer")


def test_new_partner_may_come_with_its_agreement(cast: Cast) -> None:
    made = cast.ayse.post("/partners", {"code": "mugla", "name": "Muğla Şube", "kind": "own", "share_role": "seller"})
    assert (made.status_code, made.get_json()["terms"]["share_role"]) == (201, "seller")


def test_agreement_that_ends_before_it_begins_is_refused(cast: Cast) -> None:
    said = {"valid_from": "2027-01-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"}
    refused = cast.ayse.patch("/partners/ankara", said, version=1)
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/valid_until")


def test_agreement_that_has_ended_grants_no_field(cast: Cast) -> None:
    ends = datetime(2030, 1, 1, tzinfo=UTC)
    assert cast.ayse.patch("/partners/eskisehir", {"valid_until": ends.isoformat()}, version=1).status_code == 200
    with transaction(Caller.system("test")) as tx:
        assert service.end_agreements(tx, ends - DAY) == 0
        assert service.end_agreements(tx, ends) == 1
    assert rows("SELECT granted_fields FROM partners WHERE code = 'eskisehir'") == [([],)]
