"""What a merge does to claims: two approved ones that meet are reviewed again, and who brought either record may claim.

Nobody outside learns of it: whoever was approved goes on seeing the protection that it was promised, and what a merge
raises for a partner is shown to it only once it is approved.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from gateway.claims import persons, states
from gateway.claims.contest import LIVE
from gateway.claims.models import Claim
from gateway.customers import moves
from gateway.customers.moves import Merging, Rows
from gateway.db import Query, Transaction
from gateway.partners import service as partners
from gateway.partners.terms import terms_of

EVERYTHING = "all"
_BROUGHT = Query(
    text(
        """
        SELECT partner_id, min(shared_at) FROM shares
        WHERE customer_id = ANY(:ids) AND ground IN ('created', 'sync') GROUP BY partner_id ORDER BY 2, 1
        """
    )
)
_DROP = Query(
    text("DELETE FROM claims WHERE id = ANY(CAST(:ids AS uuid[])) AND told IS NULL AND status = ANY(:undecided)")
)


class Claims(Rows):
    """Every claim about the lost customer; what the merge raised goes when it is undone."""

    def go(self, tx: Transaction, merging: Merging) -> Any:
        """Have what was approved twice reviewed again, move the rest, and raise claims for those who brought either."""
        contested = _contest(tx, merging)
        kept = super().go(tx, merging)
        return {**kept, "contested": contested, "raised": _raise(tx, merging)}

    def back(self, tx: Transaction, merging: Merging, kept: Any) -> list[str]:
        """Give claims back; what was contested is approved as it was."""
        tx.run(_DROP, ids=kept["raised"], undecided=list(states.UNDECIDED))
        stayed = super().back(tx, merging, kept)
        _stand_again(tx, [UUID(each) for each in kept["contested"]])
        return stayed


def _contest(tx: Transaction, merging: Merging) -> list[str]:
    both = Claim.customer_id.in_((merging.keep_id, merging.lose_id))
    approved: list[Claim] = tx.scalars(
        select(Claim).where(both, Claim.status == states.APPROVED).order_by(Claim.id).with_for_update()
    )
    scopes = [claim.scope_key for claim in approved]
    met = [claim for claim in approved if scopes.count(claim.scope_key) > 1]
    for claim in met:
        claim.status = states.after("contest", claim.status)
    tx.session.flush()
    return [str(claim.id) for claim in met]


def _stand_again(tx: Transaction, contested: list[UUID]) -> None:
    """Approve again what only the merge had put in doubt, where nothing else was approved in its place."""
    for claim in tx.scalars(select(Claim).where(Claim.id.in_(contested)).order_by(Claim.id).with_for_update()):
        same = {"customer_id": claim.customer_id, "scope_key": claim.scope_key, "status": states.APPROVED}
        is_in_doubt = claim.told == states.APPROVED and claim.status in (states.UNDER_REVIEW, states.REJECTED)
        if is_in_doubt and not tx.scalars(select(Claim.id).filter_by(**same)):
            claim.status = states.APPROVED
            tx.session.flush()


def _raise(tx: Transaction, merging: Merging) -> list[str]:
    """A claim for each partner that brought one of the two, where both sides were brought; as old as the bringing."""
    brought: dict[UUID, datetime] = dict(tx.rows(_BROUGHT, ids=[merging.keep_id, merging.lose_id]))
    if len({partner_id in merging.partners_of_lost for partner_id in brought}) < 2:
        return []
    claimed = select(Claim.partner_id).where(
        Claim.customer_id == merging.keep_id, Claim.scope_key == EVERYTHING, Claim.status.in_(LIVE)
    )
    missing = [partner_id for partner_id in brought if partner_id not in set(tx.scalars(claimed))]
    keys = persons.keys_of(tx, merging.keep_id)
    raised = [_raised(tx, merging, each, brought[each], keys) for each in missing]
    tx.session.add_all(raised)
    tx.session.flush()
    return [str(claim.id) for claim in raised]


def _raised(tx: Transaction, merging: Merging, partner_id: UUID, since: datetime, keys: list[str]) -> Claim:
    partner = partners.get(tx, partner_id)
    answer_by = merging.merged_at + timedelta(days=terms_of(partner).answer_days)
    proof = {"kind": "statement", "text": "Brought the customer.", "dated_at": since.isoformat().replace("+00:00", "Z")}
    return Claim(
        partner_id=partner.id, partner=partner.code, customer_id=merging.keep_id, raised_by="merge", keys=keys,
        scope=EVERYTHING, scope_key=EVERYTHING, evidence=[proof], status=states.SUBMITTED,
        submitted_at=since, answer_by=answer_by, due_at=answer_by,
    )  # fmt: skip


moves.register(Claims("claims"))
