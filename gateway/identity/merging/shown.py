"""Previews and merges in wire form."""

from __future__ import annotations

from typing import Any

from gateway.customers.bulk import wire_form
from gateway.identity.merging.models import Merge
from gateway.identity.merging.plan import Plan
from gateway.identity.merging.survivorship import Chosen
from gateway.provenance import LONG_AGO, Source
from schemas import merge as shapes
from schemas.projection import show


def preview_form(planned: Plan, counts: dict[str, int]) -> dict[str, Any]:
    """What a merge would do."""
    return {
        "keep_id": planned.keep["id"],
        "lose_id": planned.lose["id"],
        "token": planned.token,
        "survivor": wire_form(planned.survivor),
        "fields": [_chosen_form(each) for each in planned.choices],
        "moves": counts,
    }


def merge_form(merge: Merge) -> dict[str, Any]:
    """A merge that was done."""
    return show(shapes.Merge, merge, moves=merge.moved)


def _chosen_form(chosen: Chosen) -> dict[str, Any]:
    keep, lose = chosen.keep_source, chosen.lose_source
    return {
        "field": chosen.path,
        "chosen": chosen.chosen,
        "keep": chosen.keep,
        "lose": chosen.lose,
        "keep_source": keep.name,
        "keep_at": _moment(keep),
        "lose_source": lose.name,
        "lose_at": _moment(lose),
    }


def _moment(source: Source) -> Any:
    return None if source.at == LONG_AGO else source.at
