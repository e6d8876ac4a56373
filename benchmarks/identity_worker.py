"""A run over the whole base in a process of its own, as upkeep does it but without a pause; prints nothing."""

from __future__ import annotations

import time

from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import transaction
from gateway.identity import matchings, whole
from gateway.worker import open_everything

_SECONDS, _WAIT_SECONDS = 60.0, 0.1


def main() -> None:
    """Work on the run that is under way until it has ended."""
    open_everything(read_settings())
    with transaction(Caller.system("benchmarks")) as tx:
        matching_id = matchings.under_way(tx)
    while matching_id is not None and whole.advance(matching_id, _SECONDS):
        time.sleep(_WAIT_SECONDS)


if __name__ == "__main__":
    main()
