"""Changes customers at random: `python -m tests.faults.webhooks.writer SEED PARTNERS CUSTOMERS`, until it is ended.

Two of them work on the same customers, so that changes, shares and interactions meet. What cannot be written is left.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from gateway import pool, vault
from gateway.channels import Caller
from gateway.config import read_settings
from gateway.customers import service as customers
from gateway.customers import shares
from gateway.db import Query, Transaction, transaction
from gateway.errors import NotFound, PreconditionFailed, Unavailable
from gateway.interactions import service as interactions

HIDDEN = "Gizli görüş: pazarlık payı yüzde üç"
_NAMES = ("Işıl", "İnci", "Çağrı", "Şule", "Ömür", "Gül")
_PAUSE_SECONDS = 0.12
_VISIBILITIES = ("shared", "shared", "internal")
_VERSION = Query(text("SELECT version FROM customers WHERE id = :id"))


def main(seed: str, partners: list[str], ids: list[UUID]) -> None:
    """Change something about eight times a second while FOLDER/writing exists, more often while FOLDER/fast does."""
    settings = read_settings()
    vault.load_keys(settings.vault_keys)
    pool.open_database(settings.database_url)
    chance, folder = random.Random(seed), Path(os.environ["KOPRU_VAR"])
    while True:
        pause = _PAUSE_SECONDS / (4 if (folder / "fast").exists() else 1)
        time.sleep(chance.uniform(0, 2 * pause))
        if (folder / "writing").exists():
            act = chance.choices((_rename, _note, _turn, _record, _pass_on), (4, 1, 2, 4, 2))[0]
            _try(act, chance, chance.choice(ids), chance.choice(partners))


def _try(act: Callable[..., None], chance: random.Random, customer: UUID, partner: str) -> None:
    try:
        with transaction(Caller.system("ledger")) as tx:
            act(tx, chance, customer, partner)
    except (Unavailable, NotFound, PreconditionFailed):
        time.sleep(0.05)


def _rename(tx: Transaction, chance: random.Random, customer: UUID, _: str) -> None:
    _change(tx, customer, given_name=f"{chance.choice(_NAMES)} {chance.randrange(10**6)}")


def _note(tx: Transaction, chance: random.Random, customer: UUID, _: str) -> None:
    _change(tx, customer, internal_note=f"{HIDDEN} {chance.randrange(10**6)}")


def _turn(tx: Transaction, chance: random.Random, customer: UUID, _: str) -> None:
    _change(tx, customer, status=chance.choice(("active", "prospect")))


def _change(tx: Transaction, customer: UUID, **patch: str) -> None:
    row = tx.first(_VERSION, id=customer)
    assert row is not None
    customers.change(tx, customer, dict(patch), row[0])


def _record(tx: Transaction, chance: random.Random, customer: UUID, _: str) -> None:
    said = {"channel": "store", "kind": "inquiry", "direction": "in", "subject": f"Teklif {chance.randrange(10**6)}"}
    interactions.create(tx, {"customer_id": customer, **said, "visibility": chance.choice(_VISIBILITIES)})


def _pass_on(tx: Transaction, _: random.Random, customer: UUID, partner: str) -> None:
    """End a share where there is one, else begin it."""
    if any(each["partner"] == partner for each in shares.of(tx, [customer])[customer]):
        customers.unshare(tx, customer, partner)
    else:
        customers.share(tx, customer, partner, "sale")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2].split(","), [UUID(each) for each in sys.argv[3].split(",")])
