"""Puts a partner into an installation: `python -m tests.faults.seed CODE CUSTOMERS`, which prints what it made as JSON.

A process of its own, because a test's process has one database open and it is another.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from gateway import migrations, pool, vault
from gateway.channels import Caller, Channel
from gateway.config import read_settings
from gateway.customers import service as customers
from gateway.db import Transaction, transaction
from gateway.oauth import keys
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on
from gateway.partners import service as partners


def main(code: str, count: int) -> None:
    """Migrate where needed, and make the partner, its customers and a client on each side."""
    settings = read_settings()
    vault.load_keys(settings.vault_keys)
    migrations.upgrade(settings.database_url)
    pool.open_database(settings.database_url)
    with transaction(Caller.system("seed"), statement_seconds=60) as tx:
        keys.ensure_first_key(tx)
        partner = partners.add(tx, code, f"{code.title()} Oto")
        made = {
            "code": code,
            "outside": _client(tx, f"{code} DMS", Channel.EXTRANET, partner_id=partner.id),
            "inside": _client(tx, f"{code} portal", Channel.INTRANET),
            "customers": [_customer(tx, code, number) for number in range(count)],
        }
    sys.stdout.write(json.dumps(made))


def _client(tx: Transaction, name: str, channel: Channel, **more: Any) -> list[str]:
    client, secret = oauth.add_client(
        tx,
        name,
        channel,
        auth_method="client_secret_basic",
        grants=["client_credentials"],
        scopes=sorted(scopes_on(channel)),
        **more,
    )
    return [client.client_id, str(secret)]


def _customer(tx: Transaction, code: str, number: int) -> str:
    made = customers.create(tx, {"kind": "person", "given_name": f"Işıl {number}", "family_name": "Çağrı"})
    customers.share(tx, made["id"], code, "sale")
    return str(made["id"])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
