"""The floor of the API: the product's statements and its JSON, without framework, schema, validation, limit or log.

One dict from token to partner is its only check. It notes who was shown with COMMIT, as the product does. Statements
are the product's own `Query` objects, so the two cannot drift apart; values are made by the shortest Python that gives
the same ones.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import orjson
from psycopg.types.json import Jsonb

from benchmarks.floor.pool import Known, Pool, Raw, read_callers
from gateway import audit, idempotency, outbox
from gateway.channels import Channel
from gateway.customers import fields as customer_fields
from gateway.customers import search
from gateway.customers.reads.noting import as_commands
from gateway.db import Query, new_id
from gateway.interactions import service
from schemas.page import DEFAULT_LIMIT

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
Answer = tuple[str, list[tuple[str, str]], bytes]
_NEWEST_FIRST = (("updated_at", True),)
_NOTHING = {
    "subject": None, "body": None, "outcome": None, "agent": None, "satisfaction": None, "amount_value": None,
    "amount_currency": None, "cost_value": None, "cost_currency": None, "visibility": "partner", "origin": "",
    "version": 1,
}  # fmt: skip
_HIDDEN = ("cost", "unit_cost")


def create_floor() -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The WSGI function."""
    pool, callers = Pool(), read_callers()

    def floor(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        known = callers.get(environ.get("HTTP_AUTHORIZATION", ""))
        if known is None:
            start_response("401 Unauthorized", [])
            return [b""]
        connection = pool.take()
        try:
            status, headers, body = _answer(environ, known, connection)
        finally:
            pool.give(connection)
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers])
        return [body]

    return floor


def _answer(environ: dict[str, Any], known: Known, connection: Raw) -> Answer:
    path = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] == "POST":
        return _post(environ, known, connection)
    if path == "/extranet/v1/customers":
        return _list(dict(parse_qsl(environ["QUERY_STRING"])), known, connection)
    return _get(UUID(path.rpartition("/")[2]), known, connection)


def _get(customer_id: UUID, known: Known, connection: Raw) -> Answer:
    names = customer_fields.visible_fields(Channel.EXTRANET, known.granted)
    connection.execute(known.opening)
    row = run(connection, search._one(Channel.EXTRANET, names), id=customer_id, partner=known.partner_id).fetchone()
    _end(connection, known, [customer_id])
    record = dict(zip(names, row, strict=True))
    return "200 OK", [("ETag", f'"{record["version"]}"')], as_json(record)


def _list(query: dict[str, str], known: Known, connection: Raw) -> Answer:
    names = customer_fields.visible_fields(Channel.EXTRANET, known.granted)
    statement = search._many(Channel.EXTRANET, names, _NEWEST_FIRST, ("city",), False)
    limit = int(query.get("limit", DEFAULT_LIMIT))
    connection.execute(known.opening)
    rows = run(connection, statement, limit=limit + 1, city=query["city"], partner=known.partner_id).fetchall()
    _end(connection, known, [row[0] for row in rows[:limit]])
    items = [dict(zip(names, row, strict=False)) for row in rows[:limit]]
    last = as_json(rows[limit - 1][len(names) :]).hex() if len(rows) > limit else None
    return "200 OK", [], as_json({"items": items, "next": last})


def _end(connection: Raw, known: Known, shown: list[UUID]) -> None:
    connection.pgconn.exec_(as_commands(known.caller, "customers", shown) + b";COMMIT")


def _post(environ: dict[str, Any], known: Known, connection: Raw) -> Answer:
    raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    key = environ["HTTP_IDEMPOTENCY_KEY"]
    row = _row(orjson.loads(raw), known)
    connection.execute(known.opening)
    lock = int.from_bytes(hashlib.sha256(f"{known.key}\n{key}".encode()).digest()[:8], signed=True)
    run(connection, idempotency._LOOK, lock=lock, caller=known.key, key=key).fetchone()
    stored = row | {name: Jsonb(row[name]) for name in ("products", "attributes", "sources")}
    run(connection, service._INSERT[Channel.EXTRANET], **stored).fetchone()
    record = _record(row)
    run(connection, outbox._INSERT, **_event(row, record, known))
    run(connection, audit._INSERT, **_entry(row, known, environ))
    shown = {name: value for name, value in record.items() if name not in _HIDDEN}
    shown["products"] = [{name: line[name] for name in line if name not in _HIDDEN} for line in record["products"]]
    headers, body = {"Location": f"/extranet/v1/interactions/{row['id']}", "ETag": '"1"'}, as_json(shown)
    seen = hashlib.sha256(f"POST {environ['PATH_INFO']}\n".encode() + raw).digest()
    kept = {"status": 201, "headers": Jsonb(headers), "body": body}
    run(connection, idempotency._KEEP, caller=known.key, key=key, fingerprint=seen, **kept)
    connection.commit()
    return "201 Created", list(headers.items()), body


def _row(data: dict[str, Any], known: Known) -> dict[str, Any]:
    moment, money = datetime.now(UTC), data.pop("amount", None) or {}
    lines = [dict.fromkeys(("sku", "name", *service._NUMBERS)) | line for line in data.pop("products", ())]
    row = {**_NOTHING, "occurred_at": moment, "attributes": {}, **data, "products": lines}
    row |= {"id": new_id(), "customer_id": UUID(data["customer_id"]), "created_at": moment, "updated_at": moment}
    row |= {"amount_value": money.get("value"), "amount_currency": money.get("currency")}
    row |= {"partner_id": known.partner_id, "partner": known.partner}
    row["sources"] = {"": [f"partner:{known.partner}", moment.isoformat()]}
    row["search_key"] = service.search_key(row["subject"], row["body"])
    return row


def _record(row: dict[str, Any]) -> dict[str, Any]:
    money = {
        name: {"value": row[f"{name}_value"], "currency": row[f"{name}_currency"]} if row[f"{name}_value"] else None
        for name in ("amount", "cost")
    }
    return {name: money[name] if name in money else row[name] for name in service.ALL}


def _event(row: dict[str, Any], record: dict[str, Any], known: Known) -> dict[str, Any]:
    return {
        "id": new_id(), "type": "interaction.created", "resource_id": row["id"], "customer_id": row["customer_id"],
        "occurred_at": row["created_at"], "changed": [], "record": Jsonb(record), "partners": [known.partner_id],
        "is_for_customer": True, "origin": "", "actor": f"client:{known.client_id}", "trace": "",
    }  # fmt: skip


def _entry(row: dict[str, Any], known: Known, environ: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(), "at": row["created_at"], "actor": f"client:{known.client_id}", "channel": "extranet",
        "action": "interaction.created", "resource": "interaction", "resource_id": str(row["id"]),
        "address": environ["REMOTE_ADDR"], "request_id": os.urandom(12).hex(), "purpose": "", "detail": Jsonb({}),
    }  # fmt: skip


def run(connection: Raw, query: Query, **params: Any) -> Any:
    """The cursor of a compiled statement."""
    return connection.execute(query.sql, query.bind(params))


def as_json(value: Any) -> bytes:
    """JSON as the product writes it."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
