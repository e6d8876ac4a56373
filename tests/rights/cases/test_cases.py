"""Requests about one's own data: who may ask, who answers, and what is written down of it."""

from __future__ import annotations

from datetime import timedelta

from gateway.db import transaction
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, rows

ASKED = {"kind": "erasure", "note": "Lütfen beni unutun, teşekkürler"}


def asked(cast: Cast) -> str:
    answer = cast.cem.post("/rights-requests", ASKED)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def test_customer_asks_and_sees_how_far_it_has_come(cast: Cast) -> None:
    case = cast.cem.get(f"/rights-requests/{asked(cast)}").get_json()
    assert (case["status"], case["note"], case["is_overdue"]) == ("received", ASKED["note"], False)
    assert [step["step"] for step in case["steps"]] == ["received"]


def test_case_is_due_in_thirty_days(cast: Cast) -> None:
    asked(cast)
    assert rows("SELECT due_at - created_at < interval '30 days 1 minute' FROM rights_cases") == [(True,)]
    assert rows("SELECT due_at - created_at > :almost FROM rights_cases", almost=timedelta(days=29)) == [(True,)]


def test_second_request_of_a_kind_is_refused_while_one_is_open(cast: Cast) -> None:
    asked(cast)
    answer = cast.cem.post("/rights-requests", ASKED)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "already_asked")


def test_unknown_kind_is_named(cast: Cast) -> None:
    answer = cast.cem.post("/rights-requests", {"kind": "miras"})
    assert answer.get_json()["errors"][0]["pointer"] == "/kind"


def test_employee_asks_for_a_customer_and_sees_who_did_what(cast: Cast) -> None:
    answer = cast.ayse.post("/rights-requests", {**ASKED, "customer_id": str(cast.cem_id)})
    assert answer.status_code == 201, answer.text
    assert answer.get_json()["steps"][0]["actor"] == answer.get_json()["asked_by"]


def test_refusal_tells_the_customer_why(cast: Cast) -> None:
    case_id = asked(cast)
    refused = cast.ayse.post(f"/rights-requests/{case_id}/refuse", {"reason": "Fatura saklama süresi dolmadı"})
    assert refused.status_code == 200, refused.text
    case = cast.cem.get(f"/rights-requests/{case_id}").get_json()
    assert (case["status"], case["reason"]) == ("refused", "Fatura saklama süresi dolmadı")


def test_refused_case_is_not_started(cast: Cast) -> None:
    case_id = asked(cast)
    cast.ayse.post(f"/rights-requests/{case_id}/refuse", {"reason": "Dava sürüyor"})
    assert cast.ayse.post(f"/rights-requests/{case_id}/start").get_json()["code"] == "case_state"


def test_overdue_cases_are_found(cast: Cast) -> None:
    case_id = asked(cast)
    assert cast.ayse.get("/rights-requests?is_overdue=true").get_json()["items"] == []
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE rights_cases SET due_at = now() - interval '1 day'")
    late = cast.ayse.get("/rights-requests?is_overdue=true").get_json()["items"]
    assert [(case["id"], case["is_overdue"]) for case in late] == [(case_id, True)]


def test_every_step_is_audited_without_a_word_of_what_was_said(cast: Cast) -> None:
    asked(cast)
    told = rows("SELECT action, detail::text FROM audit_entries WHERE resource = 'rights_case'")
    assert [action for action, _ in told] == ["rights.received"]
    assert "unutun" not in told[0][1]
