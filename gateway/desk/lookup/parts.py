"""What is shown beside a person who was looked up; each feature of the desk adds its own part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from gateway.db import Transaction
from gateway.desk.lookup.consents import consents_of
from gateway.desk.lookup.standing import matters_of, work_of

Reader = Callable[[Transaction, list[UUID]], dict[UUID, list[dict[str, Any]]]]
PARTS: dict[str, Reader] = {
    "consents": consents_of,
    "matters": matters_of,
    "work": work_of,
}
"""By its name in the answer: what there is of each of so many customers, in one statement."""
