"""A run over the whole base in a process of its own, as upkeep does it but without a pause; prints nothing."""

from __future__ import annotations

from gateway.channels import Caller
from gateway.config import read_settings
from gateway.db import transaction
from gateway.identity import matchings, whole
from gateway.worker import open_everything

_SECONDS = 5.0


def main() -> None:
    """Ask for a run and work on it until it has ended."""
    open_everything(read_settings())
    with transaction(Caller.system("benchmarks")) as tx:
        matching_id = matchings.start(tx).id
    while whole.advance(matching_id, _SECONDS):
        pass


if __name__ == "__main__":
    main()
