"""Where commands find their installation: the environment first, else the servers that `kopru up` runs under `var/`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import db, queue, vault
from gateway.channels import Caller
from gateway.config import Settings, read_settings
from gateway.customers.attributes import known
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
    vault.load_keys(settings.vault_keys)
    known.close_to_others(settings.undeclared_attributes == "refuse")
    db.open_database(settings.database_url, pool_size=2, statement_seconds=30)
    queue.open_queue(settings.redis_url)
    try:
        yield settings
    finally:
        db.close_database()


@contextmanager
def writing(command: str) -> Iterator[Transaction]:
    """One transaction in the operator's name; the audit trail says which command."""
    with opened(), transaction(operator(command)) as tx:
        yield tx


def operator(command: str) -> Caller:
    """The operator as a caller: sees everything, named by the account that runs the command."""
    return Caller.system(f"cli:{command}:{os.environ.get('SUDO_USER') or os.environ.get('USER') or os.getuid()}")
