"""Matching as records are written: found within a turn, forgotten when it is no longer so, seen by the house alone."""

from __future__ import annotations

from typing import Any

from gateway.channels import Caller, Channel
from gateway.db import Transaction, transaction
from gateway.identity import jobs, profiles
from gateway.identity.models import IdentityPair
from tests.conftest import Cast
from tests.identity.conftest import AYSE, AYSE_AGAIN, Match

TABLES = ("identity_profiles", "identity_blocks", "identity_pairs", "identity_patterns")


def queue_of(cast: Cast, outcome: str = "perhaps") -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = cast.ayse.get(f"/identity/pairs?outcome={outcome}").get_json()["items"]
    return items


def rows(table: str) -> int:
    with transaction(Caller.system("test")) as tx:
        found = tx.raw.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        return int(found[0]) if found else 0


def test_who_is_surely_one_is_not_asked_about(cast: Cast, match: Match) -> None:
    cast.eskisehir.post("/customers", AYSE)
    cast.ayse.post("/customers", AYSE)
    match()
    assert (len(queue_of(cast)), len(queue_of(cast, "same"))) == (0, 1)


def test_partner_learns_nothing_of_who_it_may_not_see(cast: Cast, pair: dict[str, Any]) -> None:
    for api in (cast.eskisehir, cast.ankara, cast.cem):
        assert api.get("/identity/pairs").status_code == 404
        assert api.get(f"/identity/pairs/{pair['id']}").status_code == 404
    with transaction(Caller(Channel.EXTRANET, partner_id=cast.eskisehir.partner_id)) as tx:
        hidden = [tx.raw.execute(f"SELECT FROM {table}".encode()).rowcount for table in TABLES]
    assert hidden == [0] * len(TABLES)
    seen = cast.ankara.get("/customers").get_json()["items"]
    assert [each["display_name"] for each in seen] == ["AYSE YILDIRIM"]


def test_pair_comes_apart_when_a_record_is_put_right(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    again = next(each for each in ("first", "second") if pair[f"{each}_name"] == "AYSE YILDIRIM")
    path = f"/customers/{pair[f'{again}_id']}"
    assert cast.ayse.patch(path, {"birth_date": "1951-11-30"}, version=1).status_code == 200
    match()
    assert queue_of(cast) == []


def test_change_of_what_is_not_compared_is_passed_over(cast: Cast, pair: dict[str, Any], match: Match) -> None:
    cast.ayse.patch(f"/customers/{pair['first_id']}", {"status": "inactive"}, version=1)
    match()
    assert queue_of(cast)[0]["updated_at"] == pair["updated_at"]


def test_deleted_customer_takes_all_that_matching_keeps_of_it(cast: Cast, pair: dict[str, Any]) -> None:
    before = rows("identity_profiles")
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute("DELETE FROM customers WHERE id = %s", [pair["first_id"]])
    assert (rows("identity_pairs"), rows("identity_profiles")) == (0, before - 1)
    with transaction(Caller.system("test")) as tx:
        left = tx.raw.execute(
            "SELECT count(*) FROM identity_blocks b LEFT JOIN identity_profiles p USING (number) WHERE p.number IS NULL"
        )
        assert left.fetchone() == (0,)


def test_blocks_follow_a_record_that_changes(cast: Cast, match: Match) -> None:
    made = cast.eskisehir.post("/customers", AYSE).get_json()
    cast.eskisehir.patch(f"/customers/{made['id']}", {"family_name": "Korkmaz", "contact_points": []}, version=1)
    match()
    with transaction(Caller.system("test")) as tx:
        [kept] = profiles.find(tx, [made["id"]])
        stored = tx.raw.execute("SELECT key FROM identity_blocks WHERE number = %s ORDER BY key", [kept.number])
        assert [key for (key,) in stored.fetchall()] == kept.profile.keys


def test_many_records_at_once_are_matched_in_one_turn(cast: Cast, match: Match, system: Transaction) -> None:
    for number in range(12):
        cast.eskisehir.post("/customers", {**AYSE_AGAIN, "family_name": f"Yıldırım {number}"})
    cast.eskisehir.post("/customers", AYSE)
    match()
    assert {each.status for each in system.session.query(IdentityPair)} == {"open"}
    assert rows("identity_profiles") == 14


def test_counts_tell_nobodys_mail_or_phone(cast: Cast, match: Match) -> None:
    for number in range(3):
        cast.eskisehir.post("/customers", {**AYSE, "given_name": f"Ayşe {number}"})
    cast.ayse.post("/identity/matchings")
    jobs.match_whole_base()
    with transaction(Caller.system("test")) as tx:
        terms = {term for (term,) in tx.raw.execute("SELECT term FROM identity_terms").fetchall()}
    assert "f:yildirim" in terms
    assert [term for term in terms if term.startswith("p:")]
    assert not [term for term in terms if "532111" in term]
