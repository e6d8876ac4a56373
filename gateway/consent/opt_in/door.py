"""`/internet/consents/confirm/{token}`: where a customer agrees, without signing in. The token is all that counts.

Opening the address changes nothing, for programs that look through mail open every one; the button on it does.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from gateway.channels import Caller, Channel
from gateway.consent.opt_in import service, wording
from gateway.consent.opt_in.models import Confirmation
from gateway.consent.opt_in.page import page
from gateway.consent.purposes import service as purposes
from gateway.db import Transaction, now, transaction
from gateway.edge import present_request_id
from gateway.errors import TooManyRequests
from gateway.limits import Limiter
from gateway.oauth.rendering import language

blueprint = Blueprint("consents", __name__)

_PATH = "/internet/consents/confirm/"
_MOST_REQUESTS, _SECONDS = 60, 60
_limiter = Limiter()


def url_of(base_url: str, token: str) -> str:
    """Where a token is confirmed."""
    return f"{base_url}{_PATH}{token}"


@blueprint.get(f"{_PATH}<string:token>")
def show_consent(token: str) -> Response:
    """What the customer is asked to agree to."""
    _spend()
    with transaction(_caller()) as tx:
        confirmation = service.by_token(tx, token)
        if confirmation is None or not confirmation.is_open(now()):
            return _ended(confirmation)
        return page(language(), "ask", sentence=_sentence(tx, confirmation))


@blueprint.post(f"{_PATH}<string:token>")
def give_consent(token: str) -> Response:
    """Record that the customer agreed; pressing again changes nothing."""
    _spend()
    with transaction(_caller()) as tx:
        confirmation = service.by_token(tx, token)
        if confirmation is None or not confirmation.is_open(now()):
            return _ended(confirmation)
        service.confirm(tx, confirmation, _sentence(tx, confirmation))
    return page(language(), "done")


def _ended(confirmation: Confirmation | None) -> Response:
    is_done = confirmation is not None and confirmation.status == "confirmed"
    return page(language(), "done") if is_done else page(language(), "over", 404)


def _sentence(tx: Transaction, confirmation: Confirmation) -> str:
    purpose = purposes.get(tx, confirmation.purpose)
    return wording.sentence(language(), confirmation.channel, confirmation.contact_value, purpose)


def _spend() -> None:
    allowance = _limiter.spend(f"consents:{request.remote_addr}", _MOST_REQUESTS, _SECONDS)
    if not allowance.allowed:
        raise TooManyRequests(headers={"Retry-After": str(allowance.retry_seconds)})


def _caller() -> Caller:
    """The gateway itself, for nobody has signed in, with where the request came from."""
    return Caller(
        channel=Channel.SYSTEM,
        client_id="system:consent",
        address=request.remote_addr or "",
        request_id=present_request_id(),
    )
