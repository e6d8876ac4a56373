"""Background work of previews: forgetting them."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.db import transaction
from gateway.queue import chore
from gateway.sync.preview import kept

KEPT_DAYS = 7


@chore(every_seconds=3600)
def forget_old() -> int:
    """Forget previews a week old; answers how many lines that were."""
    with transaction(Caller.system("sync"), statement_seconds=60) as tx:
        return kept.forget_old(tx, KEPT_DAYS)
