"""The base of look-up and search: 1,000,000 people and companies with names as Turkey bears them, and one desk inside.

Names, phones, e-mails and homes are those of `identity_people`, so usual names are as usual as they are in life: 30,000
are called Mehmet, 10,000 Yılmaz, and a quarter of the surnames are rare. Every second customer was spoken to twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from random import Random
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.filling import copy_rows, loading, settle
from benchmarks.identity_base import stored
from benchmarks.identity_people import units
from benchmarks.stage import QUOTA, Database, Door, Stage
from gateway import migrations, pool, vault
from gateway.channels import Caller, Channel
from gateway.config import read_settings
from gateway.customers.finding import vocabulary
from gateway.customers.models import Customer, CustomerKey
from gateway.customers.shape import complete, keys_of
from gateway.db import transaction
from gateway.embedded_cluster import SUPERUSER
from gateway.oauth import keys
from gateway.oauth import service as oauth

CUSTOMERS = 1_000_000
_SEED, _AT_ONCE = 55, 20_000
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_POINT = {"primary": True, "verified_at": None, "valid_from": None, "valid_until": None}
_BLANK = {
    "status": "active", "locale": "tr-TR", "attributes": {"segment": "B", "visits": 4}, "owner": "ayse",
    "internal_note": None, "sources": {}, "origin": "", "version": 1,
}  # fmt: skip
_SPOKEN_TO = """
    INSERT INTO interactions (id, customer_id, channel, kind, direction, occurred_at, subject, body, outcome, agent,
        products, visibility, attributes, sources, search_key, origin, version, created_at, updated_at)
    SELECT gen_random_uuid(), c.id, 'phone', 'inquiry', 'in', at.moment, 'Servis randevusu',
        'Yarın öğleden sonra aranacak.', 'done', 'Zeynep', '[]', 'internal', '{}', '{}',
        ' servis randevusu yarin ogleden sonra aranacak', '', 1, at.moment, at.moment
    FROM customers c CROSS JOIN LATERAL (
        SELECT c.created_at + n * interval '9 days' AS moment FROM generate_series(1, 2) n) at
    WHERE get_byte(uuid_send(c.id), 15) % 2 = 0
"""


def search_base(stage: Stage) -> Database:
    """The base at this run's scale; made when first asked for."""
    count = max(2000, round(CUSTOMERS * stage.scale))
    name, postgres = f"bench_search_{count}", stage.servers.postgres
    note = stage.folder / f"{name}.json"
    if not note.exists():
        print(f"making {count:,} customers to search …", flush=True)
        postgres.drop_database(name)
        url = postgres.create_database(name)
        migrations.upgrade(url)
        _fill(postgres.url_for(name, SUPERUSER), count)
        note.write_text(json.dumps(asdict(_open_desk(stage, url))))
    desk = Door(**json.loads(note.read_text()))
    return Database(name, postgres.url_for(name), postgres.url_for(name, SUPERUSER), [desk])


def _open_desk(stage: Stage, url: str) -> Door:
    settings = read_settings({**stage.environ(url), "KOPRU_BASE_URL": "http://127.0.0.1:1"})
    vault.load_keys(settings.vault_keys)
    pool.open_database(settings.database_url, pool_size=1)
    try:
        with transaction(Caller.system("benchmarks"), statement_seconds=600) as tx:
            keys.ensure_first_key(tx)
            vocabulary.recount(tx)
            client, secret = oauth.add_client(
                tx,
                "desk",
                Channel.INTRANET,
                auth_method="client_secret_basic",
                grants=["client_credentials"],
                scopes=["consents:read", "consents:write", "customers:read", "matters:read", "queues:read"],
                quota=QUOTA,
            )
            return Door("", "", [], client.client_id, str(secret))
    finally:
        pool.close_database()


def _fill(url: str, count: int) -> None:
    rows = _customers(count)
    with loading(url) as connection:
        while batch := list(islice(rows, _AT_ONCE)):
            copy_rows(connection, Customer, batch)
            found = ({"customer_id": row["id"], "key": key} for row in batch for key in keys_of(row))
            copy_rows(connection, CustomerKey, found)
            connection.commit()
        connection.execute(_SPOKEN_TO.encode())
    settle(url, ("customers", "customer_keys", "interactions"))
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ANALYZE search_words")


def _customers(count: int) -> Iterator[dict[str, Any]]:
    chance = Random(_SEED)
    for number, party in enumerate(islice(chain.from_iterable(units(chance)), count)):
        moment = _AT + timedelta(seconds=number)
        row = stored(party, chance, number) | _BLANK | {"created_at": moment, "updated_at": moment}
        row["id"] = _id_at(chance, moment)
        row["contact_points"] = [
            {"id": str(UUID(int=chance.getrandbits(128), version=4)), **point, **_POINT}
            for point in row["contact_points"]
        ]
        yield complete(row)


def _id_at(chance: Random, at: datetime) -> UUID:
    return UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | chance.getrandbits(62))
