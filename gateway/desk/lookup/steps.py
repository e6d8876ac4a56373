"""What is best done while the customer is there: pure, from what the look-up shows and the moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

Row = dict[str, Any]


def next_steps(person: Row, value: str, moment: datetime) -> list[Row]:
    """Steps for somebody who was found by `value`, in the order in which to take them."""
    return [
        *_work(person["work"], moment),
        *_matters(person["matters"], moment),
        *_verify(person["customer"], value),
        *_ask(person["unasked"]),
    ]


def _work(work: list[Row], moment: datetime) -> Iterator[Row]:
    for item in work:
        if item["ready_at"] > moment or item["kind"] == "matter":
            continue
        if item["kind"] == "callback":
            yield _step("call_back", f"We owe them a call: {item['subject']}", item["due_at"], item_id=item["id"])
        else:
            yield _step("follow_up", f"Waits to be done: {item['subject']}", item["due_at"], item_id=item["id"])


def _matters(matters: list[Row], moment: datetime) -> Iterator[Row]:
    for matter in matters:
        about = f"{matter['number']}, {matter['subject']}"
        if matter["status"] == "pending":
            yield _step("ask_about_matter", f"We wait for their answer: {about}", None, matter_id=matter["id"])
        elif matter["first_responded_at"] is None:
            due_at = matter["first_response_due_at"]
            yield _step("answer_matter", f"Nobody has answered them yet: {about}", due_at, matter_id=matter["id"])
        elif matter["due_at"] < moment:
            yield _step(
                "settle_matter", f"It should be settled by now: {about}", matter["due_at"], matter_id=matter["id"]
            )


def _verify(customer: Row, value: str) -> Iterator[Row]:
    if any(each["value"] == value and each["verified_at"] is None for each in customer["contact_points"]):
        yield _step("verify_contact_point", f"Ask whether {value} is theirs: nobody has verified it yet.")


def _ask(unasked: list[Row]) -> Iterator[Row]:
    for each in unasked:
        yield _step("ask_consent", f"Ask whether they agree: {each['english']}.", purpose=each["purpose"])


def _step(code: str, sentence: str, due_at: datetime | None = None, **about: Any) -> Row:
    return {"code": code, "sentence": sentence, "due_at": due_at, **about}
