"""Matching inside: the stewards' queue under `/identity/pairs`, weights, and runs over the whole base.

Staff alone: through no other door can anybody learn that the house knows somebody.
"""

from __future__ import annotations

from uuid import UUID

from gateway import audit
from gateway.channels import Channel
from gateway.customers.reads.noting import note
from gateway.http import Call, Operations, Reply, accepted
from gateway.identity import estimating, matchings, service, shown, weights
from gateway.paging import Page
from schemas import identity as shapes
from schemas.identity_weights import Matching, Weights

operations = Operations("Identity")
_INSIDE = (Channel.INTRANET,)


@operations.list(
    "/identity/pairs", scope="identity:read", query=shapes.PairQuery, returns=shapes.Pair, channels=_INSIDE
)
def list_identity_pairs(call: Call) -> Page:
    """List pairs that may be one customer, the likeliest first: those that wait for a steward, unless asked else."""
    limit, after = call.query["limit"], call.after
    place = (float(after[0]), UUID(after[1])) if after else None
    pairs = service.list_pairs(call.tx, call.query["outcome"], call.query["status"], place, limit + 1)
    last = pairs[limit - 1] if len(pairs) > limit else None
    return Page(shown.pairs_form(call.tx, pairs[:limit]), (repr(last.bits), str(last.id)) if last else None)


@operations.get("/identity/pairs/<id:pair_id>", scope="identity:read", returns=shapes.WholePair, channels=_INSIDE)
def show_identity_pair(call: Call, pair_id: UUID) -> Reply:
    """Show both records side by side, and field by field why they may be one customer."""
    pair = service.get_pair(call.tx, pair_id)
    note(call.tx, "identity", (pair.first_id, pair.second_id))
    if call.caller.is_person:
        for customer_id in (pair.first_id, pair.second_id):
            audit.record(call.tx, "customer.read", "customer", customer_id)
    return Reply(shown.whole_pair_form(call.tx, pair))


@operations.post(
    "/identity/pairs/<id:pair_id>/settle",
    scope="identity:settle",
    body=shapes.Decision,
    returns=shapes.Pair,
    status=200,
    channels=_INSIDE,
    also=(409,),
)
def settle_identity_pair(call: Call, pair_id: UUID) -> Reply:
    """Say that a pair is one customer, or two; the same decision a second time changes nothing."""
    pair = service.settle(call.tx, pair_id, call.body["decision"], call.body["note"])
    return Reply(shown.pairs_form(call.tx, [pair])[0])


@operations.post(
    "/identity/check",
    scope="identity:read",
    body=shapes.DescribedCustomer,
    returns=shapes.Candidates,
    status=200,
    channels=_INSIDE,
)
def check_identity(call: Call) -> Reply:
    """Say who is there already of those a record may mean, before it is written; nothing is kept."""
    found = service.check(call.tx, call.body)
    if call.caller.is_person:
        audit.record(call.tx, "identity.checked", "customer", "", {"shown": len(found)})
    return Reply(shown.candidates_form(call.tx, found))


@operations.get("/identity/weights", scope="identity:read", returns=Weights, channels=_INSIDE)
def show_identity_weights(call: Call) -> Reply:
    """Show the weights pairs are judged by."""
    return Reply(shown.weights_form(weights.newest(call.tx)))


@operations.post("/identity/estimate", scope="identity:settle", returns=Weights, channels=_INSIDE)
def estimate_identity_weights(call: Call) -> Reply:
    """Estimate the weights afresh from what was compared and settled here; they are in force from now on."""
    return Reply(shown.weights_form(estimating.estimate_here(call.tx)), 201)


@operations.post(
    "/identity/matchings", scope="identity:settle", returns=Matching, status=202, channels=_INSIDE, also=(409,)
)
def start_matching(call: Call) -> Reply:
    """Have the whole base matched in the background; it is resumed after a crash."""
    matching = matchings.start(call.tx)
    return accepted(shown.matching_form(matching), f"{call.base}/identity/matchings/{matching.id}")


@operations.get("/identity/matchings/<id:matching_id>", scope="identity:read", returns=Matching, channels=_INSIDE)
def show_matching(call: Call, matching_id: UUID) -> Reply:
    """Show how far a run over the whole base has come."""
    return Reply(shown.matching_form(matchings.get(call.tx, matching_id)))


@operations.post(
    "/identity/matchings/<id:matching_id>/cancel",
    scope="identity:settle",
    returns=Matching,
    status=200,
    channels=_INSIDE,
)
def cancel_matching(call: Call, matching_id: UUID) -> Reply:
    """End a run over the whole base; what it has found stays."""
    return Reply(shown.matching_form(matchings.cancel(call.tx, matching_id)))
