"""How long messages are kept, partner by partner, and removing what they said at once."""

from __future__ import annotations

from gateway.channels import Channel
from gateway.http import Call, Operations, Reply, found
from gateway.longrunning.api import begun
from gateway.webhooks.messages import expunge, retention
from gateway.webhooks.messages.retention import Terms
from schemas import operation
from schemas import webhook_message as messages
from schemas import webhook_retention as shapes

operations = Operations("Webhooks")

_READ, _WRITE = "webhooks:read", "webhooks:write"
_INSIDE = (Channel.INTRANET,)


@operations.get(
    "/webhooks/retention/<string:partner>",
    scope=_READ,
    channels=_INSIDE,
    returns=shapes.Retention,
)
def get_webhook_retention(call: Call, partner: str) -> Reply:
    """How long a partner's messages are kept."""
    return _show(call, partner, retention.terms_of(call.tx, partner))


@operations.patch(
    "/webhooks/retention/<string:partner>",
    scope=_WRITE,
    channels=_INSIDE,
    body=shapes.RetentionPatch,
    returns=shapes.Retention,
    needs_version=True,
)
def change_webhook_retention(call: Call, partner: str) -> Reply:
    """Agree how long a partner's messages are kept; it is carried out within the hour."""
    expected = call.expected_version()
    return _show(call, partner, retention.agree(call.tx, partner, call.body, call.settings, expected))


@operations.post(
    "/webhooks/expunge",
    scope=_WRITE,
    channels=(Channel.EXTRANET, Channel.INTRANET),
    body=messages.ExpungeInput,
    returns=operation.Operation,
    status=202,
    also=(404, 409),
)
def expunge_webhook_messages(call: Call) -> Reply:
    """Remove bodies and answers now: of your own messages, or on the intranet of everyone's. What waits stays."""
    return begun(call, expunge.start(call.tx, **call.body))


def _show(call: Call, partner: str, terms: Terms) -> Reply:
    return found(retention.show(partner, terms, call.settings), terms.version)
