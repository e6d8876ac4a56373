"""The gate before every request to a partner: its budget, its wishes, its circuit, and the log of what passed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar
from uuid import UUID

import psycopg
from sqlalchemy import exc

from connectors.errors import ConnectorError, NotNow
from connectors.http import Exchange
from connectors.wire.retry_after import pause
from gateway.channels import Caller
from gateway.db import Transaction, new_id, transaction
from gateway.errors import Unavailable
from gateway.job_time import time_of_this_job
from gateway.queue import LeaseLost
from gateway.sync.traffic import meters, slots, standing
from gateway.sync.traffic.budget import LOT_SECONDS
from gateway.sync.traffic.request_log import RequestLog
from gateway.sync.traffic.standing import Leave

log = logging.getLogger(__name__)

MOST_PATIENCE = 5.0  # seconds; whoever has to wait longer makes room for other work
# A step of several requests, a sign-in among them, that is put off in its middle has to begin again: for its budget it
# waits until the next request of even one a minute, and in all not much longer than ten minutes.
_ONCE_BEGUN, MOST_LINGERED = 65.0, 600.0
_LOOK_SECONDS = 1.0
_SLOW = 5.0
_SLOT_PATIENCE, _SLOT_RENEWAL = 0.2, slots.HELD_SECONDS / 4
_CALLER = Caller.system("sync")
_DATABASE_AWAY = (psycopg.Error, exc.SQLAlchemyError, Unavailable)
T = TypeVar("T")


class PartnerGate:
    """One worker's gate to one link's partner; may be used from several threads, and is closed at the end.

    Requests are drawn from PostgreSQL in lots that are good for a quarter of a second, so that few pay for it.
    `is_wanted` tells whether what is asked is still of use to anybody; `may_send` raises LeaseLost once another
    worker may be sending the same.
    """

    def __init__(
        self,
        link_id: UUID,
        name: str,
        request_log: RequestLog | None = None,
        is_wanted: Callable[[Transaction], bool] = lambda tx: True,
        may_send: Callable[[], None] = lambda: None,
    ) -> None:
        self._link_id = link_id
        self._name = name
        self._log = request_log
        self._is_wanted, self._may_send = is_wanted, may_send
        self._is_broken_off = False
        self._holder = new_id()
        self._lock = threading.Lock()
        self._leave = Leave(0)
        self._until = 0.0
        self._under_way = self._slots = 0
        self._has_begun, self._lingered = False, 0.0
        self._job_time = time_of_this_job()
        self._is_over = threading.Event()
        self._renewer = threading.Thread(target=self._renew_forever, name="slots", daemon=True)

    def enter(self) -> None:
        """Return when the next request may be sent; raises NotNow when that is farther away than it is worth."""
        began = time.monotonic()
        while (wait := self._next()).wait:
            if time.monotonic() - began + wait.wait > self._patience(wait):
                meters.HELD_BACK.labels(self._name).inc()
                raise NotNow(wait.why, retry_after=wait.wait)
            self._linger(min(wait.wait, _LOOK_SECONDS))
            if wait.wait > _LOOK_SECONDS:
                self.wait()
        self._has_begun = True

    def wait(self) -> None:
        """Raise NotNow once nobody wants the answer any more."""
        with _quietly(), transaction(_CALLER) as tx:
            self._is_broken_off = not self._is_wanted(tx)
        if self._is_broken_off:
            raise NotNow("Broken off on our side: the run is to end.")

    def send(self) -> None:
        """Raise NotNow once another worker may have gone on with this run."""
        try:
            self._may_send()
        except LeaseLost:
            self._is_broken_off = True
            raise NotNow("Broken off on our side: another worker may have taken the run over.") from None

    def leave(self, exchange: Exchange) -> None:
        """Hear how it went, and tell the others what they should know."""
        with self._lock:
            self._under_way -= 1
        meters.REQUESTS.labels(self._name, meters.outcome_of(exchange.status)).inc()
        meters.SECONDS.labels(self._name).observe(exchange.seconds)
        if self._log is not None:
            self._log.add(exchange)
        if self._is_broken_off:
            return  # by us: that tells nothing of the partner
        error, seconds = _failure(exchange), pause(exchange.status or 0, exchange.headers)
        is_slow = exchange.seconds > _SLOW
        if error is not None or seconds or is_slow or self._leave.is_troubled:
            self._tell(error, seconds, is_slow)

    def close(self) -> None:
        """Give everything back."""
        if self._log is not None:
            self._log.write()
        self._is_over.set()
        if self._renewer.ident is not None:
            self._renewer.join()
        if self._slots:
            with _quietly(), transaction(_CALLER) as tx:
                slots.leave(tx, self._link_id, self._holder)
                self._slots = 0

    def _patience(self, wait: Leave) -> float:
        """How many seconds it is worth to wait."""
        if wait.patience and self._has_begun and self._lingered < MOST_LINGERED:
            return _ONCE_BEGUN
        return wait.patience or MOST_PATIENCE

    def _linger(self, seconds: float) -> None:
        """Wait, which is no work of this job's: its time is for work."""
        time.sleep(seconds)
        self._lingered += seconds
        if self._job_time is not None:
            self._job_time.extend(seconds)

    def _next(self) -> Leave:
        """One request to be sent now, or the wait before asking again."""
        with self._lock:
            if not self._leave.requests or time.monotonic() > self._until:
                self._leave = _in_database(self._ask)
                self._until = time.monotonic() + LOT_SECONDS
            if not self._leave.requests:
                return self._leave
            if self._under_way >= self._slots and not _in_database(self._take_slot):
                return Leave(0, _SLOT_PATIENCE, "As many requests as this link may have at once are under way.")
            self._leave = self._leave._replace(requests=self._leave.requests - 1)
            self._under_way += 1
            return Leave(1)

    def _ask(self, tx: Transaction) -> Leave:
        return standing.ask(tx, self._link_id, self._leave.requests)

    def _take_slot(self, tx: Transaction) -> bool:
        is_taken = slots.take(tx, self._link_id, self._holder)
        self._slots += is_taken
        if is_taken and self._renewer.ident is None:
            self._renewer.start()
        return is_taken

    def _renew_forever(self) -> None:
        """An exchange may last far longer than a slot is held, and nothing is drawn meanwhile."""
        while not self._is_over.wait(_SLOT_RENEWAL):
            with self._lock, _quietly(), transaction(_CALLER) as tx:
                self._slots = slots.renew(tx, self._link_id, self._holder)

    def _tell(self, error: str | None, seconds: float, is_slow: bool) -> None:
        with _quietly(), transaction(_CALLER) as tx:
            standing.hear(tx, self._link_id, error, seconds, is_slow=is_slow)
        with self._lock:
            self._leave = Leave(0)  # ask anew, for what is known has just changed


def _failure(exchange: Exchange) -> str | None:
    """What the partner failed at; a refusal is no failure, for who refuses is there."""
    if exchange.status is None:
        return exchange.error or "no answer"
    return f"{exchange.method} {exchange.path} answered {exchange.status}" if exchange.status >= 500 else None


def _in_database(work: Callable[[Transaction], T]) -> T:
    try:
        with transaction(_CALLER) as tx:
            # What a crash of the database forgets here are a few tokens: no request waits for its disk.
            tx.raw.execute(b"SET LOCAL synchronous_commit = off")
            return work(tx)
    except _DATABASE_AWAY:
        raise ConnectorError("The database did not say whether the partner may be called; tried again.") from None


@contextmanager
def _quietly() -> Iterator[None]:
    """What is only worth telling must not undo what has been done."""
    with suppress(*_DATABASE_AWAY):
        yield
