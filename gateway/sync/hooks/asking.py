"""What a delivery leaves open, asked of the partner itself before it is believed: deliveries overtake each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from connectors.base import ConnectorError, Record
from gateway.db import transaction
from gateway.sync.hooks.freshness import doubtful
from gateway.sync.single import answered
from gateway.sync.work import Work

_MOST_ASKED = 50  # of one delivery; whoever deletes more at once is believed


class Told(NamedTuple):
    """What the partner says itself: records, deleted ones, and whether something is left for a whole round."""

    records: list[Record]
    deleted: list[str]
    is_open: bool


def ask_again(work: Work, stream: str, records: Sequence[Any], deleted: Sequence[str]) -> Told:
    """Ask for the records that may be older than what is known, and for the deleted ones: they may be back.

    Without such a record there, or an answer, a deletion is believed, and a doubtful record left to a round.
    """
    with transaction(work.caller) as tx:
        unsure = doubtful(tx, work.link.id, stream, records)
    told = _answers(work, stream, list(dict.fromkeys([*unsure, *deleted])))
    return Told(
        records=[record for record in told.values() if record is not None],
        deleted=[name for name in deleted if told.get(name) is None],
        is_open=any(told.get(name) is None for name in unsure),
    )


def _answers(work: Work, stream: str, external_ids: list[str]) -> dict[str, Record | None]:
    if "fetch" not in work.connector.can or len(external_ids) > _MOST_ASKED:
        return {}
    try:
        told = answered(work, stream, external_ids)
        return {name: record for name, record in told.items() if not isinstance(record, ConnectorError)}
    except ConnectorError:
        return {}
