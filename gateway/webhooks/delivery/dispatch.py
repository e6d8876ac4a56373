"""Sends what is due: many at once over kept-alive connections, a slow endpoint holding no more than its share."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import lru_cache
from random import Random
from uuid import UUID

from gateway import vault
from gateway.channels import Caller
from gateway.db import now, transaction
from gateway.guarded import AddressRefused
from gateway.guarded_sender import Answer, Sender, SendFailed
from gateway.webhooks.delivery import due
from gateway.webhooks.delivery.due import Claim, Outcome
from gateway.webhooks.delivery.receiver_wish import retry_after
from gateway.webhooks.delivery.retry import next_attempt
from gateway.webhooks.endpoints import signature
from gateway.webhooks.endpoints.keys import bound_to
from gateway.webhooks.fanout import still_shown

THREADS = 24
IN_FLIGHT = 48  # claimed at most: the threads find the next message without waiting for the database
WIDE, NARROW = 12, 2  # of one endpoint: one that has lately answered quickly, and any other
QUICK_SECONDS = 2.0
TOTAL_SECONDS = 20.0
_STILL_OURS_SECONDS = due.LEASE_SECONDS - TOTAL_SECONDS - 5.0  # begun later, a try could outlast its lease
_FEED_SECONDS = 0.03
_PATIENCE_SECONDS = 0.03
_LINGER_SECONDS = 1.0
_HEADERS = {"content-type": "application/json", "user-agent": "Kopru-Webhooks/1.0"}
_CALLER = Caller.system("webhooks")
log = logging.getLogger(__name__)


@lru_cache(maxsize=4096)
def _opened(sealed: str, endpoint_id: UUID) -> str:
    return vault.unseal(sealed, bound_to(endpoint_id))


class Dispatcher:
    """One process's sending side; it remembers between runs which endpoints answer quickly."""

    def __init__(self, sender: Sender, random: Random | None = None, total_seconds: float = TOTAL_SECONDS) -> None:
        self._sender = sender
        self._random = random or Random()
        self._total_seconds = total_seconds
        self._threads = ThreadPoolExecutor(THREADS, "webhook")
        self._flying: dict[Future[Outcome | None], Claim] = {}
        self._outcomes: list[Outcome] = []  # kept until they are stored, also over a failed transaction
        self._untried: list[Claim] = []
        self._quick: set[UUID] = set()
        self._stopping = threading.Event()

    def run(self, feed: Callable[[], bool] = lambda: False, seconds: float = 30.0) -> bool:
        """Send until nothing is due; answers False when something may be left. What is begun is always ended.

        `feed` turns new events into deliveries, a batch at a call, and says whether there are more. It is called now
        and then meanwhile, so one worker suffices.
        """
        started = busy = time.monotonic()
        fed, is_fed = 0.0, False
        while True:
            moment = time.monotonic()
            is_open = moment - started < seconds and not self._stopping.is_set()
            if is_open and (not is_fed or moment - fed > _FEED_SECONDS):
                fed, is_fed = moment, not feed()
            self._turn(is_open)
            if self._flying:
                busy = moment
            elif is_fed or not is_open or moment - busy > _LINGER_SECONDS:
                return is_fed and is_open
            else:
                # Events that cannot be read yet stand behind a transaction still running, most often for an instant.
                time.sleep(min(_PATIENCE_SECONDS, 0.005 + (moment - busy) / 10))

    def stop(self) -> None:
        """Have `run` return soon, from any thread or signal handler: what is on the wire ends, the rest goes back."""
        self._stopping.set()

    def close(self) -> None:
        """End what is in flight and close every connection."""
        self._threads.shutdown(cancel_futures=True)
        self._sender.close()

    def _turn(self, is_open: bool) -> None:
        """Settle what has landed and claim anew, in one transaction."""
        if self._flying:
            if not is_open:
                for future in self._flying:
                    future.cancel()
            wait(self._flying, _PATIENCE_SECONDS, FIRST_COMPLETED)
        self._land()
        room = IN_FLIGHT - len(self._flying) if is_open else 0
        if not (self._outcomes or self._untried or room):
            return
        with transaction(_CALLER) as tx:
            if self._outcomes:
                due.settle(tx, self._outcomes)
            if self._untried:
                due.hand_back(tx, self._untried)
            claims = due.claim(tx, room, WIDE, NARROW, self._quick, self._busy()) if room else []
        self._outcomes, self._untried = [], []
        claimed_at = time.monotonic()
        for claim in claims:
            self._flying[self._threads.submit(self._send, claim, claimed_at)] = claim

    def _land(self) -> None:
        for future in [future for future in self._flying if future.done()]:
            claim = self._flying.pop(future)
            outcome = None if future.cancelled() else future.result()
            if outcome is None:
                self._untried.append(claim)
                continue
            self._outcomes.append(outcome)
            if outcome.status == "delivered" and outcome.duration_ms < QUICK_SECONDS * 1000:
                self._quick.add(claim.endpoint_id)
            else:
                self._quick.discard(claim.endpoint_id)

    def _busy(self) -> list[UUID]:
        held = Counter(claim.endpoint_id for claim in self._flying.values())
        return [endpoint for endpoint, count in held.items() if count >= (WIDE if endpoint in self._quick else NARROW)]

    def _send(self, claim: Claim, claimed_at: float) -> Outcome | None:
        """Try once; None when the lease is too old to begin."""
        started = time.monotonic()
        if started - claimed_at > _STILL_OURS_SECONDS:
            return None
        moment, body = now(), still_shown(claim.payload, claim.granted).encode()
        answer, status, error = self._try(claim, body, int(moment.timestamp()))
        wish = retry_after(answer.headers) if answer and status == "failed" else None
        return Outcome(
            claim,
            moment,
            status,
            answer.status if answer else None,
            error,
            round((time.monotonic() - started) * 1000),
            None if status == "delivered" else next_attempt(claim.attempts + 1, now(), self._random, wish),
        )

    def _try(self, claim: Claim, body: bytes, timestamp: int) -> tuple[Answer | None, str, str | None]:
        try:
            signed = signature.headers(_secrets(claim), str(claim.event_id), timestamp, body)
            trace = {"traceparent": claim.trace} if claim.trace else {}
            answer = self._sender.post(claim.url, body, {**_HEADERS, **trace, **signed}, self._total_seconds)
        except AddressRefused:
            return None, "refused", "address_refused"
        except SendFailed as failed:
            return None, "failed", failed.code
        except Exception:
            # One delivery that cannot be sent at all must neither stop the others nor be tried without end.
            log.exception("webhook_not_sent", extra={"endpoint_id": str(claim.endpoint_id)})
            return None, "failed", "internal_error"
        if 200 <= answer.status < 300:
            return answer, "delivered", None
        return answer, "failed", "redirect" if 300 <= answer.status < 400 else "http_status"


def _secrets(claim: Claim) -> list[str]:
    return [_opened(sealed, claim.endpoint_id) for sealed in claim.keys]
