"""Matching what has just been written: every customer that changed is read afresh and compared with its blocks."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gateway import outbox
from gateway.commit_order import START, move_place, present_place, take_place
from gateway.db import Transaction
from gateway.identity import pairs, profiles, usual, weights
from gateway.identity.candidates import partners_of
from gateway.identity.pairs import Found, Patterns

READER = "identity"
EVENTS_AT_ONCE = 200
_WRITTEN = ("customer.created", "customer.updated", "customer.merged", "customer.unmerged")
# What is not compared may change as it likes.
_UNREAD = frozenset({"status", "locale", "attributes", "owner", "internal_note"})


def follow(tx: Transaction) -> int:
    """Match what the next events tell of; answers how many events there were."""
    events = outbox.take(tx, READER, EVENTS_AT_ONCE)
    match(tx, sorted({each.resource_id for each in events if each.type in _WRITTEN and not _is_unread(each.changed)}))
    return len(events)


def match(tx: Transaction, ids: Sequence[UUID]) -> list[Found]:
    """Read these customers afresh and judge each pair that one of them is in; a handful of queries for all of them."""
    if not ids:
        return []
    profiles.refresh(tx, ids)
    records = profiles.find(tx, ids)
    patterns: Patterns = Patterns()
    terms = usual.terms_for(tx, [each.profile for each in records])
    found = pairs.judge(partners_of(tx, records), weights.model_in_force(tx), terms, patterns)
    pairs.store(tx, found, ids)
    pairs.note_patterns(tx, patterns)
    return found


def spare_the_past(tx: Transaction) -> None:
    """Where nothing was ever followed, begin at this moment: a run over the whole base reads what was before."""
    if take_place(tx, READER) == START:
        move_place(tx, READER, present_place(tx))


def _is_unread(changed: Sequence[str]) -> bool:
    return bool(changed) and _UNREAD.issuperset(name.partition(".")[0] for name in changed)
