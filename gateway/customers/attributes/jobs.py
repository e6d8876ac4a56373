"""Background work of attributes: what customers hold already becomes searchable where it is declared so."""

from __future__ import annotations

import time

from gateway.channels import Caller
from gateway.customers import erasing
from gateway.customers.attributes import keys
from gateway.db import transaction
from gateway.queue import chore

_CALLER = Caller.system("attributes")
_SECONDS = 2.0

erasing.register(erasing.Rows("attribute_keys"))


@chore(every_seconds=5)
def key_attributes() -> None:
    """Catch up on customers that were written before an attribute became searchable."""
    until, is_more = time.monotonic() + _SECONDS, True
    while is_more and time.monotonic() < until:
        with transaction(_CALLER, statement_seconds=60) as tx:
            is_more = keys.catch_up(tx)
