"""Background work of matching: following what is written, and runs over the whole base."""

from __future__ import annotations

import time

from gateway.channels import Caller
from gateway.db import transaction
from gateway.identity import follow, matchings, whole
from gateway.queue import chore

_CALLER = Caller.system("identity")
# Upkeep has other things to do every few seconds.
_FOLLOW_SECONDS, _WHOLE_SECONDS = 2.0, 4.0


@chore(every_seconds=1)
def follow_changes() -> None:
    """Match what was written since the last time, a page of events a transaction."""
    until = time.monotonic() + _FOLLOW_SECONDS
    read = follow.EVENTS_AT_ONCE
    while read == follow.EVENTS_AT_ONCE and time.monotonic() < until:
        with transaction(_CALLER, statement_seconds=60) as tx:
            read = follow.follow(tx)


@chore(every_seconds=1)
def match_whole_base() -> None:
    """Go on with a run over the whole base, where there is one; any number of workers may."""
    with transaction(_CALLER) as tx:
        matching_id = matchings.under_way(tx)
    if matching_id is not None:
        whole.advance(matching_id, _WHOLE_SECONDS)
