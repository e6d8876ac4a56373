"""The right to work on a run, or on a part of one: held in every page's commit, renewed while a partner is slow."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Self
from uuid import UUID

from gateway.channels import Caller
from gateway.db import Transaction, transaction
from gateway.queue import LeaseLost, hold
from gateway.sync.models import SyncRun

log = logging.getLogger(__name__)

# A killed worker's run goes on this much later at most; a page that commits for longer holds the row itself meanwhile,
# and one of a process that stands still is rolled back by PostgreSQL after the same time.
LEASE_SECONDS = 20
_RENEW_SECONDS = 5.0


class Lease:
    """The right to work on a row of `model` under its attempt number, renewed from a thread of its own."""

    def __init__(self, run_id: UUID, attempt: int, model: type[Any] = SyncRun, row_id: UUID | None = None) -> None:
        self.run_id = run_id
        self.attempt = attempt
        self._model = model
        self._row_id = row_id or run_id
        self._renewed = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._renew_forever, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def check(self) -> None:
        """Raise LeaseLost once the lease may have run out: a paused process must not go on calling the partner."""
        if time.monotonic() - self._renewed > LEASE_SECONDS:
            raise LeaseLost(f"run {self.run_id} attempt {self.attempt}")

    def check_for_sending(self) -> None:
        """The same for what may write over there: it is sent in the lease's first half, and has the other to arrive."""
        if time.monotonic() - self._renewed > LEASE_SECONDS / 2:
            raise LeaseLost(f"run {self.run_id} attempt {self.attempt}")

    def hold(self, tx: Transaction) -> None:
        """Lock the row under this lease for the rest of the transaction; raises LeaseLost."""
        asked = time.monotonic()  # and not when the answer is read, which may be much later
        hold(tx, self._model, self._row_id, self.attempt, LEASE_SECONDS)
        self._renewed = asked

    def _renew_forever(self) -> None:
        while not self._over.wait(_RENEW_SECONDS):
            try:
                with transaction(Caller.system("sync"), idle_seconds=LEASE_SECONDS) as tx:
                    self.hold(tx)
            except LeaseLost:
                self._renewed = float("-inf")
                return
            except Exception as error:  # the database is away: the next page will say so
                log.warning("lease_not_renewed", extra={"error": type(error).__name__})
