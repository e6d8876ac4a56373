"""One attempt: rendered for what its owner may see now, signed, posted, judged by the answer."""

from __future__ import annotations

import logging
import time
from functools import lru_cache
from random import Random
from uuid import UUID

from gateway import vault
from gateway.db import now
from gateway.guarded import AddressRefused, Deadline
from gateway.guarded_sender import Answer, Sender, SendFailed
from gateway.webhooks.delivery.due import Claim
from gateway.webhooks.delivery.outcome import Outcome, kept_headers
from gateway.webhooks.delivery.receiver_wish import retry_after
from gateway.webhooks.delivery.retry import DELAYS, next_attempt
from gateway.webhooks.endpoints import access, signature
from gateway.webhooks.endpoints.keys import bound_to
from gateway.webhooks.rendering import still_shown

_HEADERS = {"content-type": "application/json", "user-agent": "Kopru-Webhooks/1.0"}
_THROTTLING = (429, 503)
log = logging.getLogger(__name__)


@lru_cache(maxsize=4096)
def _opened(sealed: str, endpoint_id: UUID) -> str:
    return vault.unseal(sealed, bound_to(endpoint_id))


def attempt(claim: Claim, sender: Sender, random: Random, deadline: Deadline) -> Outcome:
    """Try once, until the deadline; none of it is sent once that has passed."""
    started, moment = time.monotonic(), now()
    answer, address, status, error = _try(claim, sender, int(moment.timestamp()), deadline)
    wish = retry_after(answer.headers) if answer and status == "failed" else None
    delays = DELAYS if claim.to.retry_delays is None else claim.to.retry_delays
    return Outcome(
        claim,
        moment,
        status,
        answer.status if answer else None,
        error,
        round((time.monotonic() - started) * 1000),
        None if status == "delivered" else next_attempt(claim.attempts + 1, now(), random, wish, delays),
        address,
        kept_headers(answer.headers) if answer else None,
        answer.body if answer else None,
        wish if answer and answer.status in _THROTTLING else None,
    )


def _try(
    claim: Claim, sender: Sender, timestamp: int, deadline: Deadline
) -> tuple[Answer | None, str | None, str, str | None]:
    """The answer, the address reached, how it went and why."""
    try:
        body = still_shown(claim.payload, claim.to.granted, claim.to.hidden).encode()
        way_in = access.of(claim.to.id, claim.to.headers_sealed, claim.to.access_sealed)
        answer = way_in.post(sender, claim.to.url, body, _headers(claim, timestamp, body), deadline)
    except AddressRefused:
        return None, None, "refused", "address_refused"
    except SendFailed as failed:
        return None, failed.address, "failed", failed.code
    except Exception:
        # One delivery that cannot be sent at all must neither stop the others nor be tried without end.
        log.exception("webhook_not_sent", extra={"endpoint_id": str(claim.to.id)})
        return None, None, "failed", "internal_error"
    if 200 <= answer.status < 300:
        return answer, answer.address, "delivered", None
    return answer, answer.address, "failed", "redirect" if 300 <= answer.status < 400 else "http_status"


def _headers(claim: Claim, timestamp: int, body: bytes) -> dict[str, str]:
    secrets = [_opened(sealed, claim.to.id) for sealed in claim.to.keys]
    trace = {"traceparent": claim.trace} if claim.trace else {}
    return {**_HEADERS, **trace, **signature.headers(secrets, str(claim.event_id), timestamp, body)}
