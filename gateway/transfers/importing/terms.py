"""The terms of an import, checked against what the caller may write: first when it is asked for, then at each page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.channels import Caller
from gateway.customers import fields
from gateway.errors import refuse_field
from gateway.provenance import source_of
from gateway.transfers.importing.guesses import guess
from gateway.transfers.importing.keys import field_asked
from gateway.transfers.importing.mapping import compiled
from gateway.transfers.importing.plan import Rules
from gateway.transfers.models import Transfer


def columns_of(transfer: Transfer, caller: Caller) -> list[dict[str, Any]]:
    """The columns of a file and what they are taken for."""
    guessed = guess(transfer.about["columns"], fields.writable_by(caller))
    return [{"name": name, "target": target} for name, target in guessed.items()]


def complete(transfer: Transfer, caller: Caller, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The terms as they will hold: what was not said is as it was guessed; raises Invalid."""
    mapping = asked.get("mapping")
    if mapping is None:
        mapping = guess(transfer.about["columns"], fields.writable_by(caller))
    terms = {"mapping": mapping, "match_on": asked["match_on"], "on_match": asked["on_match"]}
    rules_of(transfer, caller, terms)
    return terms


def rules_of(transfer: Transfer, caller: Caller, terms: Mapping[str, Any]) -> Rules:
    """What decides about each row; raises Invalid where the caller may not write, or see, what the terms name."""
    writable = fields.writable_by(caller)
    match_on, on_match = terms["match_on"], terms["on_match"]
    if match_on is None and on_match != "create":
        raise refuse_field("/match_on", "required", "Say how known customers are recognised, or on_match: create.")
    if match_on is not None and field_asked(match_on) not in writable:
        raise refuse_field("/match_on", "unknown_field", f"There is no field {match_on}.")
    mapped = compiled(transfer.about["columns"], terms["mapping"], writable)
    return Rules(source_of(caller), fields.side_of(caller), caller.partner_id, mapped, match_on, on_match)
