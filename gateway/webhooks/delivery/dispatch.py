"""Sends what is due: many at once over kept-alive connections, a slow endpoint holding no more than its share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from random import Random
from uuid import UUID

from gateway.channels import Caller
from gateway.db import Transaction, transaction
from gateway.guarded import Deadline
from gateway.guarded_sender import Sender
from gateway.webhooks.delivery import due, exchange, settling
from gateway.webhooks.delivery.crew import Crew
from gateway.webhooks.delivery.due import Claim, Claimed
from gateway.webhooks.delivery.outcome import Outcome
from gateway.webhooks.delivery.shares import QUICK_SECONDS, Shares

THREADS = 48  # twice as many as slow endpoints may hold
TOTAL_SECONDS = 20.0
# Begun later, a try could outlast its lease; and what has a rate would come in a heap when threads are free again.
_STILL_OURS_SECONDS, _STILL_IN_PACE_SECONDS = due.LEASE_SECONDS - TOTAL_SECONDS - 5.0, 0.5
_FEED_SECONDS = 0.03
_PATIENCE_SECONDS = 0.03
_TURN_SECONDS = 0.01  # less than that apart, turns cost more than they gain
_LINGER_SECONDS = 1.0
_CALLER = Caller.system("webhooks")


class Dispatcher:
    """One process's sending side; it remembers between runs which endpoints answer quickly."""

    def __init__(self, sender: Sender, random: Random | None = None, total_seconds: float = TOTAL_SECONDS) -> None:
        self._sender = sender
        self._random = random or Random()
        self._total_seconds = total_seconds
        self._crew = Crew(THREADS, self._send)
        self._shares = Shares()
        # Of every claim on its way, with its endpoint. Whoever stood still may have claimed one delivery twice.
        self._claimed_at: dict[tuple[UUID, int], tuple[float, UUID]] = {}
        self._outcomes: list[Outcome] = []  # kept until they are stored, also over a failed transaction
        self._untried: list[Claim] = []
        self._is_open = False
        self._is_over = False
        self._is_waiting = False
        self._stopping = threading.Event()

    def run(self, feed: Callable[[], bool] = lambda: False, seconds: float = 30.0) -> bool:
        """Send until nothing is due; answers False when something may be left. What is begun is always ended.

        `feed` turns new events into deliveries, a batch at a call, and says whether there are more. It is called now
        and then meanwhile, so one worker suffices. When its time is over it waits for the slow ones that it began, and
        sends to quick ones meanwhile: they are not to stand still behind the others.
        """
        started = busy = time.monotonic()
        fed, is_fed = 0.0, False
        while True:
            moment = time.monotonic()
            self._is_over = moment - started >= seconds
            self._is_open = not self._stopping.is_set() and (
                not self._is_over or (self._shares.has_slow and moment - started < seconds + self._total_seconds)
            )
            is_fresh = self._is_open and (not is_fed or moment - fed > _FEED_SECONDS)
            if is_fresh:
                fed, is_fed = moment, not feed()
            self._turn(0.0 if is_fresh else _PATIENCE_SECONDS)
            if self._crew.at_work or (self._is_waiting and self._is_open):
                busy = moment
            elif not self._is_open or (is_fed and moment - busy > _LINGER_SECONDS):
                return is_fed and self._is_open
            # Events that cannot be read yet stand behind a transaction still running, most often for an instant.
            idle = _PATIENCE_SECONDS if self._is_waiting else min(_PATIENCE_SECONDS, 0.005 + (moment - busy) / 10)
            pause = _TURN_SECONDS if self._crew.at_work else idle
            time.sleep(max(0.0, moment + pause - time.monotonic()))

    def stop(self) -> None:
        """Have `run` return soon, from any thread or signal handler: what is on the wire ends, the rest goes back."""
        self._stopping.set()

    def close(self) -> None:
        """End what is in flight and close every connection."""
        self._crew.close()
        self._sender.close()

    def _turn(self, patience: float) -> None:
        """Settle what has landed, the first of it after so many seconds, and claim anew, in one transaction."""
        if self._crew.at_work:
            self._land(patience)
        room = self._shares.room if self._is_open else 0
        if not (self._outcomes or self._untried or room):
            return
        with transaction(_CALLER) as tx:
            if self._outcomes:
                settling.settle(tx, self._outcomes)
            if self._untried:
                due.hand_back(tx, self._untried)
            claimed = self._claim(tx, room) if room else Claimed([], False)
        self._outcomes, self._untried = [], []
        self._is_waiting = claimed.is_waiting
        moment = time.monotonic()
        for claim in claimed.claims:
            self._claimed_at[claim.id, claim.number] = moment, claim.to.id
            self._shares.begin(claim.to.id)
            self._crew.send(claim)

    def _claim(self, tx: Transaction, room: int) -> Claimed:
        return due.claim(
            tx,
            room,
            self._shares.left,
            busy=self._shares.busy(),
            quick=self._shares.quick,
            anybody=self._shares.has_room_for_slow and not self._is_over,
            start=self._random.getrandbits(64) - 2**63,
        )

    def _land(self, patience: float) -> None:
        for claim, outcome in self._crew.landed(patience):
            del self._claimed_at[claim.id, claim.number]
            self._shares.end(claim.to.id)
            if outcome is None:
                self._untried.append(claim)
                continue
            self._outcomes.append(outcome)
            is_quick = outcome.status == "delivered" and outcome.duration_ms < QUICK_SECONDS * 1000
            self._shares.judge(claim.to.id, is_quick)
        late = time.monotonic() - QUICK_SECONDS
        for claimed_at, endpoint_id in self._claimed_at.values():
            if claimed_at < late:
                self._shares.judge(endpoint_id, False)

    def _send(self, claim: Claim) -> Outcome | None:
        """Try once; None when that must not begin any more."""
        # Before the question whether it is still ours: a process that stands still from here on finds it passed.
        deadline = Deadline(self._total_seconds)
        waited = time.monotonic() - self._claimed_at[claim.id, claim.number][0]
        if not self._is_open or waited > (_STILL_IN_PACE_SECONDS if claim.to.is_paced else _STILL_OURS_SECONDS):
            return None
        return exchange.attempt(claim, self._sender, self._random, deadline)
