"""Every GET below a customer is noted by itself, so that no feature can forget it; lists note whom they show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from gateway.customers.reads.noting import note
from gateway.http import Call, Operation, Operations, Reply
from gateway.paging import Page


def watched(features: Iterable[Operations]) -> list[Operations]:
    """The same operations, those that show something of one customer noting that they did."""
    return [_watched(feature) for feature in features]


def _watched(feature: Operations) -> Operations:
    made = Operations(feature.tag)
    made.all = [replace(each, handler=_noting(each)) if _shows_one(each) else each for each in feature.all]
    return made


def _shows_one(operation: Operation) -> bool:
    return operation.method == "GET" and "<id:customer_id>" in operation.path


def _noting(operation: Operation) -> Callable[..., Reply | Page]:
    handler, what = operation.handler, operation.tag.lower()

    @wraps(handler)
    def answer(call: Call, customer_id: UUID, **path: Any) -> Reply | Page:
        answered = handler(call, customer_id=customer_id, **path)
        note(call.tx, what, (customer_id,))
        return answered

    return answer
