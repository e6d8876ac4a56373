"""Statements in wire form, as each channel may see them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from gateway.channels import Caller, Channel
from gateway.consent.purposes.models import Purpose
from gateway.consent.statements.models import Statement
from gateway.consent.statements.standing import Word, in_force, judge
from schemas import consent as shapes
from schemas.projection import show

SHOWN = {
    Channel.INTERNET: shapes.OwnStatement,
    Channel.EXTRANET: shapes.PartnerStatement,
    Channel.INTRANET: shapes.ConsentStatement,
}
_PROOF = ("source", "evidence")


def statement_form(said: Statement, caller: Caller) -> dict[str, Any]:
    """A statement; a partner does not see where another's comes from."""
    shown = show(SHOWN[caller.channel], said)
    if caller.channel is Channel.EXTRANET and said.recorder_id != caller.partner_id:
        shown |= dict.fromkeys(_PROOF)
    return shown


def positions_form(words: list[Word], purposes: list[Purpose], at: datetime) -> dict[str, Any]:
    """What words come to for every purpose and channel."""
    counting = in_force(words, at)
    return {"items": [_position(counting, purpose, channel) for purpose in purposes for channel in shapes.CHANNELS]}


def _position(words: list[Word], purpose: Purpose, channel: str) -> dict[str, Any]:
    is_allowed, because = judge(words, purpose, channel)
    titles = {"purpose": purpose.code, "english": purpose.english, "turkish": purpose.turkish}
    return {**titles, "channel": channel, "allowed": is_allowed, "because": because}
