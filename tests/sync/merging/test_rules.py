"""Rules, each by itself: whose word holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.provenance import Source
from gateway.sync.merging.rules import Meeting, Outcome, Rule, Rules, settle
from tests.conftest import Cast

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
PRIORITY = Rule("priority", ("erp", "hub", "dms"))


def meeting(ours: Any, theirs: Any, *, at: datetime = LATER, by: str = "dms", is_clash: bool = True) -> Meeting:
    """Ours, said inside at noon, meets theirs."""
    return Meeting(ours, Source("hub:intranet", NOON), theirs, Source(by, at), is_clash)


@pytest.mark.parametrize(
    ("rule", "met", "outcome"),
    [
        (Rule("manual"), meeting("Işık", "Kaya"), "open"),
        (Rule("manual"), meeting("Işık", "Kaya", is_clash=False), "theirs"),
        (Rule("union"), meeting("mavi", "kırmızı"), "open"),
        (Rule("newest"), meeting("Işık", "Kaya"), "theirs"),
        (Rule("newest"), meeting("Işık", "Kaya", at=EARLIER), "ours"),
        (Rule("newest"), meeting("Işık", "Kaya", at=EARLIER, is_clash=False), "ours"),
        (Rule("keep_first"), meeting("Işık", "Kaya"), "ours"),
        (Rule("keep_first"), meeting(None, "Kaya"), "theirs"),
        (Rule("keep_first"), meeting("Işık", "Kaya", by="hub:intranet", is_clash=False), "theirs"),
        (PRIORITY, meeting("Işık", "Kaya"), "ours"),
        (PRIORITY, meeting("Işık", "Kaya", by="erp", at=EARLIER), "theirs"),
        (PRIORITY, meeting("Işık", None, by="erp"), "ours"),
        (PRIORITY, meeting("", "Kaya"), "theirs"),
        (PRIORITY, meeting("Işık", "Kaya", by="nobody"), "ours"),
        (PRIORITY, meeting("Işık", "Kaya", by="hub:extranet", at=EARLIER), "ours"),
    ],
)
def test_a_rule_says_whose_word_holds(rule: Rule, met: Meeting, outcome: Outcome) -> None:
    assert settle(rule, met) == outcome


def test_an_attribute_has_its_own_rule_its_fields_or_the_default() -> None:
    rules = Rules({("customers", "attributes/renk"): Rule("newest"), ("customers", "attributes"): Rule("manual")})
    names = [rules.of("customers", path).name for path in ("attributes/renk", "attributes/kapı", "status")]
    assert names == ["newest", "manual", "manual"] and rules.of("interactions", "attributes/renk").name == "union"


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"field": "external_id", "rule": "newest"}, "/field"),
        ({"field": "attributes/", "rule": "newest"}, "/field"),
        ({"field": "family_name/x", "rule": "newest"}, "/field"),
        ({"field": "family_name", "rule": "union"}, "/rule"),
        ({"field": "attributes/renk", "rule": "union"}, "/rule"),
        ({"field": "family_name", "rule": "priority"}, "/sources"),
        ({"field": "family_name", "rule": "newest", "sources": ["hub"]}, "/sources"),
        ({"field": "family_name", "rule": "priority", "sources": ["hub", "nobody"]}, "/sources/1"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(cast: Cast, wish: dict[str, Any], pointer: str) -> None:
    refused = cast.ayse.post("/sync/rules", {"stream": "customers", **wish})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, pointer)


def test_a_rule_is_set_shown_and_returned_to_its_default(cast: Cast) -> None:
    rule = {"stream": "customers", "field": "attributes/renk", "rule": "newest"}
    made = cast.ayse.post("/sync/rules", rule)
    place = made.headers["Location"].partition("/v1")[2]
    assert cast.ayse.get(place).get_json()["is_default"] is False
    assert cast.ayse.delete(place).status_code == 204 and cast.ayse.delete(place).status_code == 404
    assert cast.ayse.get(place).get_json() == {**rule, "rule": "union", "sources": [], "is_default": True}


def test_every_field_that_meets_has_a_rule_on_the_list(cast: Cast) -> None:
    listed = {
        (each["stream"], each["field"]): each["rule"] for each in cast.ayse.get("/sync/rules").get_json()["items"]
    }
    assert listed["customers", "contact_points"] == "union" and listed["interactions", "products"] == "manual"
    assert not {("customers", "external_id"), ("interactions", "reference")} & set(listed)


def test_rules_come_in_pages_that_leave_none_out(cast: Cast) -> None:
    first = cast.ayse.get("/sync/rules?stream=customers&limit=7").get_json()
    rest = cast.ayse.get(f"/sync/rules?stream=customers&limit=50&cursor={first['next']}").get_json()
    whole = cast.ayse.get("/sync/rules?stream=customers").get_json()
    assert first["items"] + rest["items"] == whole["items"] and len(first["items"]) == 7 and rest["next"] is None
