"""Through a merge and back: every word follows its customer, and of both records the least permissive holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Cast
from tests.consent.conftest import ask, codes, consents, say

GUL = {"kind": "person", "given_name": "Gül", "contact_points": [{"kind": "email", "value": "gul@example.com"}]}


@pytest.fixture
def gul(cast: Cast) -> str:
    """Another record, of Ankara's, that turns out to be Cem."""
    return str(cast.ankara.post("/customers", GUL).get_json()["id"])


def merge(cast: Cast, gul: str) -> str:
    answer = cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": gul})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def undo(cast: Cast, merge_id: str) -> None:
    answer = cast.ayse.post(f"/identity/merges/{merge_id}/undo")
    assert answer.status_code == 200, answer.text


def said_of(cast: Cast, customer_id: str) -> list[dict[str, Any]]:
    return list(cast.ayse.get(f"/customers/{customer_id}/consents").get_json()["items"])


def test_withdrawal_of_the_lost_record_stops_the_kept_one(cast: Cast, gul: str) -> None:
    assert cast.ayse.post(f"/customers/{gul}/consents", {"decision": "withdrawn", "purpose": "marketing"})
    say(cast.ayse, cast)
    merge(cast, gul)
    assert codes(ask(cast.ayse, cast)) == ["withdrawn"]
    assert {each["said_of"] for each in said_of(cast, str(cast.cem_id))} == {gul, str(cast.cem_id)}
    say(cast.cem, cast)
    assert ask(cast.ayse, cast)["allowed"]


def test_undone_merge_gives_each_its_words_and_wishes(cast: Cast, gul: str) -> None:
    cast.ayse.post(f"/customers/{gul}/consents", {"decision": "withdrawn"})
    say(cast.ayse, cast)
    for customer_id, hour in ((gul, "06:00"), (str(cast.cem_id), "08:00")):
        wish = {"quiet_hours": [{"from": "00:00", "until": hour}]}
        path = f"/customers/{customer_id}/contact-preferences"
        assert cast.ayse.patch(path, wish, version=0).status_code == 200
    places = [
        f"/customers/{each}/{what}" for each in (gul, cast.cem_id) for what in ("consents", "contact-preferences")
    ]
    before = [cast.ayse.get(place).get_json() for place in places]
    undo(cast, merge(cast, gul))
    assert [cast.ayse.get(place).get_json() for place in places] == before


def test_quiet_hours_of_both_hold(cast: Cast, gul: str) -> None:
    night, noon = {"from": "00:00", "until": "06:00"}, {"from": "12:00", "until": "13:00"}
    for customer_id, hours in ((gul, noon), (str(cast.cem_id), night)):
        path = f"/customers/{customer_id}/contact-preferences"
        cast.ayse.patch(path, {"quiet_hours": [hours], "restricted": hours is noon}, version=0)
    merge(cast, gul)
    kept = cast.ayse.get(f"/customers/{cast.cem_id}/contact-preferences").get_json()
    assert (kept["quiet_hours"], kept["restricted"], kept["version"]) == ([night, noon], True, 2)


def test_wish_that_was_changed_since_stays_with_the_kept_record(cast: Cast, gul: str) -> None:
    path = "/customers/{}/contact-preferences"
    cast.ayse.patch(path.format(gul), {"preferred_channel": "sms"}, version=0)
    merge_id = merge(cast, gul)
    cast.ayse.patch(path.format(cast.cem_id), {"preferred_channel": "email"}, version=2)
    undo(cast, merge_id)
    seen = [cast.ayse.get(path.format(each)).get_json()["preferred_channel"] for each in (gul, cast.cem_id)]
    assert seen == ["sms", "email"]


def test_word_of_the_lost_ones_own_partner_goes_back_with_it(cast: Cast, gul: str) -> None:
    merge_id = merge(cast, gul)
    said = {"decision": "withdrawn", "purpose": "service"}
    assert cast.ankara.post(consents(cast), said).status_code == 201
    say(cast.cem, cast)
    undo(cast, merge_id)
    assert [each["purpose"] for each in said_of(cast, gul)] == ["service"]
    assert [each["purpose"] for each in said_of(cast, str(cast.cem_id))] == ["marketing"]


def test_withdrawal_of_which_nobody_can_tell_whose_it_is_holds_for_both(cast: Cast, gul: str) -> None:
    merge_id = merge(cast, gul)
    say(cast.cem, cast, "withdrawn", purpose="service")
    undo(cast, merge_id)
    assert codes(ask(cast.ayse, cast, purpose="service")) == ["withdrawn"]
    assert codes(ask(cast.ayse, cast, purpose="service", customer_id=gul)) == ["withdrawn"]


def test_contacts_of_both_records_count_together(cast: Cast, gul: str) -> None:
    cast.ayse.patch("/contact-rules", {"caps": [{"most": 1, "days": 7}]}, version=0)
    assert ask(cast.ankara, cast, customer_id=gul, purpose="service", reserve=True)["allowed"]
    merge_id = merge(cast, gul)
    assert codes(ask(cast.ayse, cast, purpose="service")) == ["cap_reached"]
    undo(cast, merge_id)
    assert ask(cast.ayse, cast, purpose="service")["allowed"]
