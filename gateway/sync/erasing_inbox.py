"""Deliveries at our door that are waited for or were given up: what they tell of the person is cut out of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from gateway.customers.erasing import Erasing
from gateway.db import Query, Transaction

_KEPT = Query(text("SELECT number, link_id, payload FROM sync_received WHERE payload <> '{}' FOR UPDATE"))
_NAMES = Query(
    text("SELECT link_id, external_id FROM sync_references WHERE record_id = ANY(:ids) OR alias_of = ANY(:ids)")
)
_CUT = Query(text("UPDATE sync_received SET payload = :payload WHERE number = :number"))
_NAMING = ("external_id", "customer_external_id")


@dataclass(frozen=True)
class Inbox:
    """Every kept delivery that tells of the person; the other records in it are taken over as they came."""

    name: str = "sync_received"
    tables: frozenset[str] = frozenset({"sync_received"})

    def count(self, tx: Transaction, erasing: Erasing) -> int:
        """How many there are."""
        return len(_cut(tx, erasing))

    def forget(self, tx: Transaction, erasing: Erasing) -> int:
        """Write them anew without the person."""
        found = _cut(tx, erasing)
        for number, payload in found.items():
            tx.run(_CUT, number=number, payload=payload)
        return len(found)


def _cut(tx: Transaction, erasing: Erasing) -> dict[int, str]:
    names = set(tx.rows(_NAMES, ids=erasing.ids))
    found = {}
    for number, link_id, payload in tx.rows(_KEPT):
        said = json.loads(payload)
        kept = {part: _others(said.get(part, {}), link_id, names, erasing) for part in said}
        if kept != said:
            found[number] = json.dumps(kept)
    return found


def _others(by_stream: dict[str, list[Any]], link_id: UUID, names: set[Any], erasing: Erasing) -> dict[str, list[Any]]:
    return {
        stream: [item for item in items if not _is_of_person(item, link_id, names, erasing)]
        for stream, items in by_stream.items()
    }


def _is_of_person(item: Any, link_id: UUID, names: set[Any], erasing: Erasing) -> bool:
    said = [item.get(name) for name in _NAMING] if isinstance(item, dict) else [item]
    if any(isinstance(each, str) and (link_id, each) in names for each in said):
        return True
    return erasing.is_told_by(json.dumps(item, ensure_ascii=False))
