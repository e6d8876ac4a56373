"""What stands open of whoever is calling is told with them, and what is best done about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.channels import Caller, Channel
from gateway.db import Query, Transaction, transaction
from gateway.desk.lookup import service
from gateway.desk.lookup.steps import next_steps
from gateway.oauth.scopes import scopes_on
from tests.conftest import Api, Cast
from tests.desk.conftest import NOON, employee, made, put
from tests.desk.lookup.test_lookup import look_up
from tests.desk.matters.conftest import change, open_matter

DESK = Caller(Channel.INTRANET, scopes=scopes_on(Channel.INTRANET))
PHONE = "05321234567"
MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SOON = MOMENT + timedelta(hours=1)
CALLBACK = {"id": "i", "kind": "callback", "subject": "Teklif", "ready_at": MOMENT, "due_at": SOON}
MATTER = {
    "id": "m", "number": "482917305642", "subject": "Teslimat gecikti", "status": "open", "first_responded_at": None,
    "first_response_due_at": SOON, "due_at": SOON,
}  # fmt: skip
ASKED = {"purpose": "marketing", "english": "Offers and campaigns", "turkish": "Teklif ve kampanyalar"}


def found(api: Api) -> dict[str, Any]:
    (person,) = look_up(api, phone=PHONE)
    return person


def test_matters_that_are_not_settled_are_shown(cast: Cast) -> None:
    matter, settled = open_matter(cast.ayse, cast), open_matter(cast.ayse, cast)
    change(cast.ayse, settled, status="solved")
    assert [(each["number"], each["priority"]) for each in found(cast.ayse)["matters"]] == [
        (matter["number"], "normal")
    ]


def test_work_that_waits_is_shown_with_who_has_it(cast: Cast, queue: str, zeynep: Api) -> None:
    item = put(cast, queue, "callback", at=NOON.isoformat(), assigned_to="zeynep")
    shown = [(each["id"], each["kind"], each["assigned_to"]) for each in found(cast.ayse)["work"]]
    assert shown == [(item["id"], "callback", "user:zeynep")]


@pytest.mark.parametrize(("part", "scope"), [("matters", "matters:read"), ("work", "queues:read")])
def test_part_is_shown_to_those_who_may_see_it_anywhere(cast: Cast, queue: str, part: str, scope: str) -> None:
    open_matter(cast.ayse, cast, queue_id=queue)
    known = frozenset({"customers:read", "matters:read", "queues:read"})
    seen = [bool(found(employee(cast, name, granted=granted))[part]) for name, granted in (
        ("ece", known), ("deniz", known - {scope}),
    )]  # fmt: skip
    assert seen == [True, False]


def test_nobody_is_asked_who_has_answered_or_is_to_be_left_alone(cast: Cast) -> None:
    assert [each["purpose"] for each in found(cast.ayse)["unasked"]] == ["marketing", "research"]
    said = {"decision": "withdrawn", "purpose": "marketing"}
    made(cast.ayse.post(f"/customers/{cast.cem_id}/consents", said))
    assert [each["purpose"] for each in found(cast.ayse)["unasked"]] == ["research"]
    made(cast.ayse.patch(f"/customers/{cast.cem_id}/contact-preferences", {"restricted": True}, version=0), 200)
    assert found(cast.ayse)["unasked"] == []


def person(**parts: Any) -> dict[str, Any]:
    """Somebody of whom nothing stands open but this."""
    point = {"value": "+905321234567", "verified_at": None}
    return {"customer": {"contact_points": [point]}, "work": [], "matters": [], "unasked": [], **parts}


def codes(**parts: Any) -> list[str]:
    return [each["code"] for each in next_steps(person(**parts), "x", MOMENT)]


def test_steps_come_in_the_order_in_which_to_take_them() -> None:
    steps = next_steps(person(work=[CALLBACK], matters=[MATTER], unasked=[ASKED]), "+905321234567", MOMENT)
    assert [(each["code"], each["due_at"]) for each in steps] == [
        ("call_back", SOON),
        ("answer_matter", SOON),
        ("verify_contact_point", None),
        ("ask_consent", None),
    ]


@pytest.mark.parametrize(
    ("differs", "step"),
    [
        ({}, ["answer_matter"]),
        ({"first_responded_at": MOMENT}, []),
        ({"first_responded_at": MOMENT, "due_at": MOMENT - timedelta(1)}, ["settle_matter"]),
        ({"status": "pending"}, ["ask_about_matter"]),
    ],
)
def test_what_is_done_about_a_matter_follows_from_where_it_stands(differs: dict[str, Any], step: list[str]) -> None:
    assert codes(matters=[MATTER | differs]) == step


@pytest.mark.parametrize(
    ("differs", "step"),
    [
        ({}, ["call_back"]),
        ({"ready_at": SOON}, []),
        ({"kind": "follow_up"}, ["follow_up"]),
        ({"kind": "matter"}, []),  # the matter tells it better
    ],
)
def test_work_is_a_step_once_its_hour_has_come(differs: dict[str, Any], step: list[str]) -> None:
    assert codes(work=[CALLBACK | differs]) == step


def statements_of_a_look_up(monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements it takes to look up whoever has Cem's number."""
    asked: list[Query] = []
    rows = Transaction.rows

    def counted(tx: Transaction, query: Query, **params: Any) -> list[Any]:
        asked.append(query)
        return rows(tx, query, **params)

    with monkeypatch.context() as counting, transaction(DESK) as tx:
        counting.setattr(Transaction, "rows", counted)
        service.look_up(tx, "phone", PHONE)
    return len(asked)


def test_household_costs_no_more_statements_than_one_person(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = statements_of_a_look_up(monkeypatch)
    twin = {"kind": "person", "given_name": "Can", "contact_points": [{"kind": "phone", "value": PHONE}]}
    made(cast.ayse.post("/customers", twin))
    assert (alone, statements_of_a_look_up(monkeypatch)) == (7, 7)
