"""Merging two customers, and undoing it: both in one transaction of the caller's. Nothing here commits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select, text

from gateway import audit
from gateway.customers import bulk, moves, stored
from gateway.customers.moves import Merging
from gateway.customers.redirects import missing
from gateway.db import Query, Transaction, new_id, now
from gateway.errors import Conflict, PreconditionFailed, refuse_field
from gateway.identity.merging import plan, told
from gateway.identity.merging.models import Merge, MergeMove
from gateway.identity.merging.plan import Plan
from gateway.identity.merging.separation import Apart, Side, Tell, as_row, separate
from gateway.identity.models import IdentityPair

_LEFT = Query(
    text(
        """
        SELECT count(*) FROM interactions i WHERE i.customer_id = :keep AND i.created_at > :since
          AND (i.partner_id IS NULL OR NOT i.partner_id = ANY(:told_apart))
        """
    )
)


class AlreadyUndone(Conflict):
    """Somebody else was faster."""

    code, title = "merge_undone", "This merge is undone already"


class MergedSince(Conflict):
    """Merges are undone in the reverse order."""

    code, title = "merged_since", "One of the two has been merged again since; undo that first"


class Wish(NamedTuple):
    """What a steward asks for: `token` of a preview, to have exactly that, `pair_id` of the pair it settles."""

    keep_id: UUID
    lose_id: UUID
    fields: Mapping[str, str]
    token: str | None = None
    pair_id: UUID | None = None


def merge(tx: Transaction, wish: Wish) -> Merge:
    """Make two customers one; the lost id leads to the kept one from now on.

    Raises NotFound, RecordMerged, Invalid, PreconditionFailed where it would not come out as previewed.
    """
    planned = plan.make(tx, wish.keep_id, wish.lose_id, wish.fields, lock=True)
    if wish.token is not None and wish.token != planned.token:
        raise PreconditionFailed("One of the two has changed since the preview; look again.")
    pair_id = _settle_pair(tx, wish)
    sharing = bulk.sharing_of(tx, [wish.keep_id, wish.lose_id])
    of_kept, of_lost = sharing.get(wish.keep_id, []), sharing.get(wish.lose_id, [])
    coming = told.shared_interactions(tx, wish.lose_id)
    merged = _keep(tx, wish, planned, pair_id, of_kept, of_lost)
    survivor = _become(tx, planned, merged)
    told.merged(tx, survivor, wish.lose_id, of_lost, of_kept, planned.changed, planned.changed_of_kept)
    told.newly_seen(tx, coming, [each for each in of_kept if each not in of_lost])
    detail = {"keep_id": str(wish.keep_id), "lose_id": str(wish.lose_id), "merge_id": str(merged.id)}
    audit.record(tx, "customer.merged", "customer", wish.keep_id, detail)
    return merged


def undo(tx: Transaction, merge_id: UUID) -> Merge:
    """Make one customer two again, each with what was and has since become its own.

    Raises NotFound, AlreadyUndone, MergedSince, RecordMerged.
    """
    merged = get(tx, merge_id)
    present = bulk.fetch(tx, [merged.keep_id]).get(merged.keep_id)
    merged = get(tx, merge_id, lock=True)
    if merged.undone_at is not None:
        raise AlreadyUndone
    _refuse_older(tx, merged)
    if present is None:
        raise missing(tx, merged.keep_id)
    seeing = bulk.sharing_of(tx, [merged.keep_id]).get(merged.keep_id, [])
    apart = _part(tx, merged, present)
    merged.undone_by, merged.undone_at = tx.caller.actor, now()
    merged.stayed = [*merged.stayed, *_left(tx, merged), *(f"The survivor keeps {path}." for path in apart.stayed)]
    _open_pair(tx, merged)
    _tell_apart(tx, present, apart, seeing)
    detail = {"keep_id": str(merged.keep_id), "lose_id": str(merged.lose_id), "merge_id": str(merge_id)}
    audit.record(tx, "customer.unmerged", "customer", merged.lose_id, detail)
    return merged


def get(tx: Transaction, merge_id: UUID, *, lock: bool = False) -> Merge:
    """One merge, with `lock` as it stands now; raises NotFound."""
    return tx.get(Merge, merge_id, lock=lock)


def find(tx: Transaction, customer_id: UUID | None, after: UUID | None, limit: int) -> list[Merge]:
    """Merges, the newest first; those that a customer was in, on either side, where one is named."""
    statement = select(Merge)
    if customer_id is not None:
        statement = statement.where((Merge.keep_id == customer_id) | (Merge.lose_id == customer_id))
    if after is not None:
        statement = statement.where(Merge.id < after)
    return tx.scalars(statement.order_by(Merge.id.desc()).limit(limit))


def _settle_pair(tx: Transaction, wish: Wish) -> UUID | None:
    """Mark the pair of the two as merged; raises Invalid for a pair of others."""
    first_id, second_id = sorted((wish.keep_id, wish.lose_id))
    of_both = (IdentityPair.first_id == first_id) & (IdentityPair.second_id == second_id)
    found: list[IdentityPair] = tx.scalars(select(IdentityPair).where(of_both).with_for_update())
    if wish.pair_id is not None and wish.pair_id not in [each.id for each in found]:
        raise refuse_field("/pair_id", "unknown", "That is not the pair of these two.")
    for pair in found:
        pair.status, pair.settled_by, pair.settled_at = "merged", tx.caller.actor, now()
        pair.updated_at = now()
    return found[0].id if found else None


def _open_pair(tx: Transaction, merged: Merge) -> None:
    """Whoever takes two apart has decided that they are different."""
    pair = tx.session.get(IdentityPair, merged.pair_id) if merged.pair_id else None
    if pair is not None:
        pair.status, pair.settled_by, pair.settled_at, pair.updated_at = "different", tx.caller.actor, now(), now()


def _keep(
    tx: Transaction, wish: Wish, planned: Plan, pair_id: UUID | None, of_kept: list[UUID], of_lost: list[UUID]
) -> Merge:
    merged = Merge(
        id=new_id(),
        keep_id=wish.keep_id,
        lose_id=wish.lose_id,
        pair_id=pair_id,
        fields=dict(wish.fields),
        lost=planned.lose,
        kept=planned.keep,
        merged=planned.survivor,
        partners=of_lost,
        partners_of_lost=[each for each in of_lost if each not in of_kept],
        moved=plan.counts(tx, wish.lose_id),
        merged_by=tx.caller.actor,
        created_at=now(),
    )
    tx.session.add(merged)
    tx.session.flush()
    return merged


def _become(tx: Transaction, planned: Plan, merged: Merge) -> dict[str, Any]:
    """Move everything, take the lost row away, and write the survivor; answers that."""
    merging = _merging(merged)
    for move in moves.registered():
        tx.session.add(MergeMove(merge_id=merged.id, name=move.name, kept=move.go(tx, merging)))
    tx.session.flush()
    stored.take_away(tx, merged.lose_id)
    survivor = _next(tx, planned.survivor)
    stored.update(tx, planned.keep, survivor)
    return survivor


def _part(tx: Transaction, merged: Merge, present: dict[str, Any]) -> Apart:
    """Bring the lost row back, move what is its own, and write both; answers them."""
    merging, lost = _merging(merged), as_row(merged.lost)
    apart = separate(as_row(merged.kept), lost, as_row(merged.merged), present, _teller(tx, merged))
    keep, lose = _next(tx, apart.keep | {"version": present["version"]}), _next(tx, apart.lose)
    stored.insert(tx, lost)
    stored.insert_keys(tx, lost)
    kept = {each.name: each.kept for each in tx.scalars(select(MergeMove).where(MergeMove.merge_id == merged.id))}
    backed = [move.back(tx, merging, kept[move.name]) for move in moves.registered() if move.name in kept]
    merged.stayed = [sentence for sentences in backed for sentence in sentences]
    stored.update(tx, lost, lose)
    stored.update(tx, present, keep)
    return Apart(keep, lose, apart.stayed)


def _tell_apart(tx: Transaction, before: dict[str, Any], apart: Apart, seeing: list[UUID]) -> None:
    keep_id, lose_id = apart.keep["id"], apart.lose["id"]
    sharing = bulk.sharing_of(tx, [keep_id, lose_id])
    of_kept, of_lost = sharing.get(keep_id, []), sharing.get(lose_id, [])
    names = [name for name in (*bulk.WRITABLE, "display_name") if before[name] != apart.keep[name]]
    told.unmerged(tx, apart.keep, apart.lose, of_kept, of_lost, names)
    told.unshared(tx, apart.keep, [each for each in seeing if each not in of_kept])


def _refuse_older(tx: Transaction, merged: Merge) -> None:
    """Raise MergedSince where the survivor was merged again: its versions tell the order, whatever clocks say."""
    again = (Merge.keep_id == merged.keep_id) & (Merge.kept["version"].as_integer() > merged.kept["version"])
    concerned = again | (Merge.lose_id == merged.keep_id)
    later = tx.scalars(select(Merge.id).where(Merge.undone_at.is_(None), concerned).order_by(Merge.id.desc()).limit(1))
    if later:
        raise MergedSince(f"Undo merge {later[0]} first.")


def _teller(tx: Transaction, merged: Merge) -> Tell:
    """Of which of the two a source speaks."""
    of_lost = moves.voices_of(tx, merged.partners_of_lost)
    sharing = bulk.sharing_of(tx, [merged.keep_id]).get(merged.keep_id, [])
    of_kept = moves.voices_of(tx, [each for each in sharing if each not in merged.partners])

    def tell(source: str) -> Side | None:
        if source in of_lost:
            return "lose"
        return "keep" if source in of_kept else None

    return tell


def _left(tx: Transaction, merged: Merge) -> list[str]:
    """What was recorded since of which nobody can tell whom it is about."""
    sharing = bulk.sharing_of(tx, [merged.keep_id]).get(merged.keep_id, [])
    told_apart = [each for each in sharing if each not in merged.partners]
    row = tx.first(_LEFT, keep=merged.keep_id, since=merged.created_at, told_apart=told_apart)
    count = int(row[0]) if row else 0
    return [f"The survivor keeps the interactions recorded since: {count}."] if count else []


def _merging(merged: Merge) -> Merging:
    return Merging(merged.id, merged.keep_id, merged.lose_id, merged.created_at, frozenset(merged.partners_of_lost))


def _next(tx: Transaction, row: dict[str, Any]) -> dict[str, Any]:
    return row | {"version": row["version"] + 1, "updated_at": now(), "origin": tx.caller.origin}
