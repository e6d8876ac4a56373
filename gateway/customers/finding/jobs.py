"""Background work of search: learning words that are new, and counting them now and then."""

from __future__ import annotations

import time

from gateway.channels import Caller
from gateway.customers.finding import vocabulary
from gateway.db import transaction
from gateway.queue import chore

_CALLER = Caller.system("search")
_LEARN_SECONDS = 1.0


@chore(every_seconds=1)
def learn_words() -> None:
    """Learn the words of what was written since the last time."""
    until = time.monotonic() + _LEARN_SECONDS
    read = vocabulary.EVENTS_AT_ONCE
    while read == vocabulary.EVENTS_AT_ONCE and time.monotonic() < until:
        with transaction(_CALLER, statement_seconds=60) as tx:
            read = vocabulary.learn(tx)


@chore(every_seconds=3600)
def recount_words() -> None:
    """Count every word, also of what was there before anybody learnt."""
    with transaction(_CALLER, statement_seconds=600) as tx:
        vocabulary.recount(tx)
