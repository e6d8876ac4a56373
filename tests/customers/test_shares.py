"""Which partner sees a customer, in which role, on what ground, how long, and what was before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.channels import Caller
from gateway.customers import bulk, jobs
from gateway.db import now, transaction
from tests.conftest import Cast
from tests.sync.conftest import rows

ENDS = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)


def shares(cast: Cast, partner: str = "") -> str:
    """Where Cem's shares stand, or one of them."""
    return f"/customers/{cast.cem_id}/shares{'/' if partner else ''}{partner}"


def share(cast: Cast, **terms: Any) -> dict[str, Any]:
    """Share Cem with Ankara."""
    answer = cast.ayse.post(shares(cast), {"partner": "ankara", **terms})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def past(cast: Cast) -> list[tuple[str, str, str]]:
    items = cast.ayse.get(shares(cast, "past")).get_json()["items"]
    return [(each["partner"], each["role"], each["why"]) for each in items]


def agree(cast: Cast, **said: Any) -> None:
    version = cast.ayse.get("/partners/ankara").get_json()["version"]
    assert cast.ayse.patch("/partners/ankara", said, version=version).status_code == 200


def test_share_names_role_ground_and_end(cast: Cast) -> None:
    terms = {"role": "seller", "ground": "sale", "reference": "Sözleşme 12/3", "purposes": ["marketing"]}
    shown = share(cast, **terms, until=ENDS.isoformat())
    assert {name: shown[name] for name in terms} == terms
    assert datetime.fromisoformat(shown["until"]) == ENDS


@pytest.mark.parametrize(("kind", "role"), [("own", "servicer"), ("independent", "owner")])
def test_share_without_a_role_has_that_of_the_agreement(cast: Cast, kind: str, role: str) -> None:
    agree(cast, kind=kind, purposes=["service"])
    shown = share(cast)
    assert (shown["role"], shown["purposes"]) == (role, ["service"])


def test_partner_sees_its_own_share_and_no_other(cast: Cast) -> None:
    share(cast)
    for api, code in ((cast.eskisehir, "eskisehir"), (cast.ankara, "ankara")):
        assert [each["partner"] for each in api.get(shares(cast)).get_json()["items"]] == [code]


def test_change_keeps_what_was_before(cast: Cast) -> None:
    share(cast, role="viewer")
    assert cast.ayse.patch(shares(cast, "ankara"), {"role": "seller"}, version=1).get_json()["role"] == "seller"
    assert cast.ayse.delete(shares(cast, "ankara")).status_code == 204
    assert past(cast) == [("ankara", "seller", "ended"), ("ankara", "viewer", "changed")]


def test_change_of_one_term_leaves_the_others_to_the_agreement(cast: Cast) -> None:
    share(cast)
    cast.ayse.patch(shares(cast, "ankara"), {"reference": "Sözleşme 9"}, version=1)
    agree(cast, share_role="viewer")
    assert cast.ayse.patch(shares(cast, "ankara"), {}, version=2).get_json()["role"] == "viewer"


def test_second_writer_of_the_same_terms_is_refused(cast: Cast) -> None:
    share(cast)
    assert cast.ayse.patch(shares(cast, "ankara"), {"role": "seller"}, version=1).status_code == 200
    late = cast.ayse.patch(shares(cast, "ankara"), {"role": "viewer"}, version=1)
    assert (late.status_code, cast.ayse.get(shares(cast, "ankara")).get_json()["role"]) == (412, "seller")


def test_past_of_a_share_is_not_shown_outside(cast: Cast) -> None:
    assert cast.eskisehir.get(shares(cast, "past")).status_code == 404


def test_share_ends_by_itself_and_its_partner_is_told(cast: Cast) -> None:
    share(cast, until=ENDS.isoformat())
    assert jobs.end_shares(ENDS - timedelta(seconds=1)) == 0
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == 200
    assert jobs.end_shares(ENDS) == 1
    assert cast.ankara.get(f"/customers/{cast.cem_id}").status_code == 404
    assert past(cast) == [("ankara", "owner", "expired")]
    ended = "SELECT partners FROM events WHERE type = 'customer.unshared'"
    assert rows(ended) == [([cast.ankara.partner_id],)]


def test_agreement_takes_the_shares_with_it_that_stand_on_it(cast: Cast) -> None:
    share(cast, ground="agreement")
    gul = cast.ankara.post("/customers", {"kind": "person", "given_name": "Gül"}).get_json()
    agree(cast, valid_until=ENDS.isoformat())
    assert jobs.end_shares(ENDS) == 1
    found = [cast.ankara.get(f"/customers/{each}").status_code for each in (cast.cem_id, gul["id"])]
    assert found == [404, 200]


def test_nothing_new_is_shared_when_the_agreement_is_over(cast: Cast) -> None:
    agree(cast, valid_until=(now() - timedelta(days=1)).isoformat())
    refused = cast.ayse.post(shares(cast), {"partner": "ankara"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "agreement_over")


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({"until": "2020-01-01T00:00:00Z"}, "/until"),
        ({"purposes": ["marketing"]}, "/purposes"),
        ({"role": "king"}, "/role"),
    ],
)
def test_terms_that_cannot_be_are_refused(cast: Cast, terms: dict[str, Any], pointer: str) -> None:
    agree(cast, purposes=["service"])
    refused = cast.ayse.post(shares(cast), {"partner": "ankara", **terms})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_what_a_partner_deleted_is_remembered_too(cast: Cast) -> None:
    assert cast.eskisehir.partner_id is not None
    with transaction(Caller.system("test")) as tx:
        assert bulk.unshare(tx, [cast.cem_id], cast.eskisehir.partner_id) == [cast.cem_id]
    assert past(cast) == [("eskisehir", "owner", "ended")]
