"""`POST /hooks/{link}`: where partners' systems tell us of changes, outside the three channels and without OAuth."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, request

from connectors.base import ConnectorError, NotAuthentic, Received, Request
from gateway.channels import Caller
from gateway.db import transaction
from gateway.edge import MOST_BODY_BYTES
from gateway.errors import BodyTooLarge, Invalid, Problem, TooManyRequests, UnsupportedMediaType
from gateway.json_body import write_json
from gateway.limits import Limiter
from gateway.sync.hooks import inbox
from gateway.sync.hooks.listeners import Listeners
from gateway.sync.traffic.meters import RECEIVED

blueprint = Blueprint("hooks", __name__)

_CALLER = Caller.system("hooks")
_MOST_REQUESTS, _SECONDS = 3000, 60
_listeners, _limiter = Listeners(), Limiter()


class HookRefused(Problem):
    """Nobody listens at this address, or what came is not signed as agreed: the two are one answer."""

    status, code, title = 401, "hook_refused", "Nobody listens here, or this is not signed as agreed"


@blueprint.post("/hooks/<id:link_id>")
def receive(link_id: UUID) -> Response:
    """Verify what a partner sent, store it, and answer 202; a delivery that came before is a 202 too."""
    _spend(f"hooks:{request.remote_addr}")
    received = _understood(link_id, _read())
    # After the signature, or a stranger could use up what the partner may send.
    _spend(f"hooks:{link_id}")
    with transaction(_CALLER) as tx:
        is_new = inbox.store(tx, link_id, received)
    RECEIVED.labels("stored" if is_new else "duplicate").inc()
    return Response(write_json({"is_duplicate": not is_new}), 202, content_type="application/json")


def _spend(bucket: str) -> None:
    allowance = _limiter.spend(bucket, _MOST_REQUESTS, _SECONDS)
    if not allowance.allowed:
        RECEIVED.labels("limited").inc()
        raise TooManyRequests(headers={"Retry-After": str(allowance.retry_seconds)})


def _read() -> Request:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the body without Content-Encoding.")
    body = request.get_data(cache=False)
    if len(body) >= MOST_BODY_BYTES and request.content_length is None:
        raise BodyTooLarge
    return Request({name.lower(): value for name, value in request.headers.items()}, body, request.args.to_dict())


def _understood(link_id: UUID, sent: Request) -> Received:
    try:
        return _listeners.understand(link_id, sent)
    except NotAuthentic:
        RECEIVED.labels("refused").inc()
        raise HookRefused(headers={"WWW-Authenticate": "Signature"}) from None
    except ConnectorError as error:
        RECEIVED.labels("unreadable").inc()
        raise Invalid(error.message) from None
