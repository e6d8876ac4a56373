"""Where commands find their installation: the environment first, else the servers that `kopru up` runs under `var/`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import pool, process
from gateway.channels import Caller
from gateway.config import Settings, read_settings
from gateway.customers.models import Customer
from gateway.db import Transaction, transaction
from gateway.installation import complete
from gateway.log import configure_logs
from gateway.partners.models import Partner

# Rows of every feature refer to these two, so whatever a command writes needs them mapped.
REFERRED_TO = (Customer, Partner)


def var_folder() -> Path:
    """The folder of data and keys: `KOPRU_VAR`, else `var/` below the present folder."""
    return Path(os.environ.get("KOPRU_VAR", "var")).absolute()


def present_settings() -> Settings:
    """The settings of the installation these commands speak to; raises BadSetting."""
    return read_settings(complete(os.environ, var_folder()))


@contextmanager
def opened() -> Iterator[Settings]:
    """The installation, opened for as long as a command runs."""
    settings = present_settings()
    configure_logs("WARNING", as_json=False)
    process.open_all(settings, connections=2, statement_seconds=30)
    try:
        yield settings
    finally:
        pool.close_database()


@contextmanager
def writing(command: str) -> Iterator[Transaction]:
    """One transaction in the operator's name; the audit trail says which command."""
    with opened(), transaction(operator(command)) as tx:
        yield tx


def operator(command: str) -> Caller:
    """The operator as a caller: sees everything, named by the account that runs the command."""
    return Caller.system(f"cli:{command}:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}")
