"""What is best done while the customer is there."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def next_steps(person: Row, value: str) -> list[Row]:
    """Steps for somebody who was found by `value`, in the order in which to take them."""
    return [*_verify(person["customer"], value)]


def _verify(customer: Row, value: str) -> list[Row]:
    if not any(each["value"] == value and each["verified_at"] is None for each in customer["contact_points"]):
        return []
    return [_step("verify_contact_point", f"Ask whether {value} is theirs: nobody has verified it yet.")]


def _step(code: str, sentence: str) -> Row:
    return {"code": code, "sentence": sentence, "due_at": None}
