"""Merging inside: `/sync/conflicts` and how they are settled, `/sync/rules`, and `include=sources` on customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.customers import api as customers
from gateway.http import NO_CONTENT, Call, Operations, Reply, created
from gateway.paging import Page
from gateway.sync.merging import rulebook, service
from gateway.sync.merging.shown import conflicts_form, sources_form
from schemas import sync_conflict as shapes

operations = Operations("Sync")
_INSIDE = (Channel.INTRANET,)
_FILTERS = ("status", "link_id", "customer_id")


@operations.list(
    "/sync/conflicts", scope="sync:read", query=shapes.ConflictQuery, returns=shapes.Conflict, channels=_INSIDE
)
def list_conflicts(call: Call) -> Page:
    """List the fields that both sides changed: those that wait for a steward, and those that were settled."""
    limit = call.query["limit"]
    filters = {name: call.query[name] for name in _FILTERS if name in call.query}
    found = service.list_conflicts(call.tx, filters, call.after[0] if call.after else None, limit + 1)
    last_key = (found[limit - 1].id,) if len(found) > limit else None
    return Page(conflicts_form(call.tx, found[:limit]), last_key)


@operations.get("/sync/conflicts/<id:conflict_id>", scope="sync:read", returns=shapes.Conflict, channels=_INSIDE)
def show_conflict(call: Call, conflict_id: UUID) -> Reply:
    """Show one conflict with both values, what was there before, where they came from and when."""
    return Reply(conflicts_form(call.tx, [service.get_conflict(call.tx, conflict_id)])[0])


@operations.post(
    "/sync/conflicts/<id:conflict_id>/settle",
    scope="sync:settle",
    body=shapes.Settlement,
    returns=shapes.Conflict,
    status=200,
    channels=_INSIDE,
    also=(409,),
)
def settle_conflict(call: Call, conflict_id: UUID) -> Reply:
    """Settle a conflict: `ours` goes to the partner, `theirs` is taken over, a `value` goes everywhere."""
    settled = service.settle(call.tx, conflict_id, call.body["choose"], call.body.get("value"))
    return Reply(conflicts_form(call.tx, [settled])[0])


@operations.list(
    "/sync/rules", scope="sync:read", query=shapes.MergeRuleQuery, returns=shapes.MergeRule, channels=_INSIDE
)
def list_rules(call: Call) -> Page:
    """List how each field's meeting words are settled, the defaults too."""
    after, limit = tuple(call.after or ()), call.query["limit"]
    rules = [each for each in rulebook.list_rules(call.tx, call.query.get("stream")) if _place(each) > after]
    return Page(rules[:limit], _place(rules[limit - 1]) if len(rules) > limit else None)


@operations.get(
    "/sync/rules/<string:stream>/<path:field>", scope="sync:read", returns=shapes.MergeRule, channels=_INSIDE
)
def show_rule(call: Call, stream: str, field: str) -> Reply:
    """Show the rule of one field, or its default."""
    return Reply(rulebook.get_rule(call.tx, stream, field))


@operations.post(
    "/sync/rules", scope="sync:write", body=shapes.MergeRuleInput, returns=shapes.MergeRule, channels=_INSIDE
)
def set_rule(call: Call) -> Reply:
    """Set or replace the rule of a field, over all links; it holds for words that arrive from now on."""
    rule = rulebook.set_rule(call.tx, **call.body)
    return created(rule, f"{call.base}/sync/rules/{rule['stream']}/{rule['field']}")


@operations.delete("/sync/rules/<string:stream>/<path:field>", scope="sync:write", channels=_INSIDE)
def reset_rule(call: Call, stream: str, field: str) -> Reply:
    """Return a field to its default rule."""
    rulebook.reset_rule(call.tx, stream, field)
    return NO_CONTENT


def _place(rule: dict[str, Any]) -> tuple[str, str]:
    return rule["stream"], rule["field"]


customers.RELATED["sources"] = (frozenset(_INSIDE), lambda call, ids: sources_form(call.tx, ids))
