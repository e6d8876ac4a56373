"""`/consent-confirmations`: have a customer asked for consent at a contact point, and see whether they agreed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.consent.opt_in import service
from gateway.consent.opt_in.door import url_of
from gateway.consent.opt_in.models import Confirmation
from gateway.customers import moves
from gateway.db import now
from gateway.http import Call, Operations, Reply, created
from schemas import consent_confirmation as shapes
from schemas.projection import show

operations = Operations("Consent")

_CHANNELS = (Channel.EXTRANET, Channel.INTRANET)
_ASKED = {Channel.EXTRANET: shapes.PartnerConfirmationInput, Channel.INTRANET: shapes.ConfirmationInput}


@operations.post(
    "/consent-confirmations",
    scope="consents:write",
    body=_ASKED,
    returns=shapes.Confirmation,
    channels=_CHANNELS,
    also=(404,),
)
def ask_for_consent(call: Call) -> Reply:
    """Have a customer asked at an e-mail address or phone of theirs; who opens the link and agrees has consented.

    The house sends the message. While a request is open, asking again answers the same one and sends nothing.
    """
    confirmation = service.ask(call.tx, call.body)
    return created(_shown(confirmation), f"{call.base}/consent-confirmations/{confirmation.id}")


@operations.get(
    "/consent-confirmations/<id:confirmation_id>",
    scope="consents:read",
    returns=shapes.Confirmation,
    channels=_CHANNELS,
)
def show_consent_confirmation(call: Call, confirmation_id: UUID) -> Reply:
    """Show whether a customer that was asked has agreed."""
    return Reply(_shown(service.get(call.tx, confirmation_id)))


@operations.post(
    "/consent-confirmations/<id:confirmation_id>/link",
    scope="consents:send",
    returns=shapes.ConfirmationLink,
    channels=(Channel.INTRANET,),
)
def make_confirmation_link(call: Call, confirmation_id: UUID) -> Reply:
    """Make the address that a customer confirms at, for whoever sends the message; any given before ends."""
    token, confirmation = service.make_token(call.tx, confirmation_id)
    shown = {"url": url_of(call.settings.base_url, token), "expires_at": confirmation.expires_at}
    return created(shown, f"{call.base}/consent-confirmations/{confirmation_id}")


def _shown(row: Confirmation) -> dict[str, Any]:
    is_over = row.status == "pending" and not row.is_open(now())
    return show(shapes.Confirmation, row, status="expired" if is_over else row.status)


moves.register(moves.Rows("consent_confirmations"))
