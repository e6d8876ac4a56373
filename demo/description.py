"""`demo.json`: where everything of the demo is and how to get in, for people, scripts and tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo.load import Secrets, address, link_name, read_secrets, system_headers
from demo.world import CLIENTS, DEALERS, USERS, Client, Dealer, User
from gateway.accounts import service as accounts
from gateway.db import Transaction
from gateway.installation import write_private
from gateway.oauth import service as oauth
from gateway.sync import service as sync


def describe(tx: Transaction, var: Path, base_url: str, port: int) -> dict[str, Any]:
    """What `demo.json` says: where everything is and how to sign in."""
    kept = read_secrets(var)
    return {
        "base_url": base_url,
        "issuer": base_url,
        "channels": {name: _channel(base_url, name) for name in ("internet", "extranet", "intranet")},
        "clients": [_described_client(tx, client, kept) for client in CLIENTS],
        "users": [_described_user(tx, user, kept) for user in USERS if user.username in kept["users"]],
        "partners": [_described_partner(tx, dealer) for dealer in DEALERS],
        "partner_systems": [_described_system(tx, dealer, var, port) for dealer in DEALERS],
        "counts": dict(zip(("customers", "interactions"), _counts(tx), strict=True)),
    }


def write_description(var: Path, description: dict[str, Any]) -> Path:
    """Write `demo.json`, readable by this user alone."""
    place = var / "demo.json"
    write_private(place, json.dumps(description, indent=2, ensure_ascii=False, default=str) + "\n")
    return place


def _channel(base_url: str, name: str) -> dict[str, str]:
    door = f"{base_url}/{name}"
    return {"api": f"{door}/v1", "openapi": f"{door}/openapi.json", "docs": f"{door}/docs", "resource": f"{door}/v1"}


def _described_client(tx: Transaction, client: Client, kept: Secrets) -> dict[str, Any]:
    row = oauth.find_client(tx, client.client_id)
    described: dict[str, Any] = {
        "name": client.name,
        "channel": client.channel,
        "partner": client.partner,
        "client_id": client.client_id,
        "auth": client.auth,
    }
    if client.client_id in kept["clients"]:
        described["client_secret"] = kept["clients"][client.client_id]
    if client.alg:
        described |= {"jwk_file": f"demo/{client.client_id}.jwk.json", "alg": client.alg}
    return {**described, "redirect_uris": row.redirect_uris, "grants": row.grants, "scopes": row.scopes}


def _described_user(tx: Transaction, user: User, kept: Secrets) -> dict[str, Any]:
    row = accounts.find(tx, user.username)
    described: dict[str, Any] = {
        "username": user.username,
        "password": kept["users"][user.username],
        "channel": user.channel,
        "role": user.role,
        "partner": user.partner,
    }
    if row is not None and row.customer_id is not None:
        described["customer_id"] = str(row.customer_id)
    return described


def _described_partner(tx: Transaction, dealer: Dealer) -> dict[str, Any]:
    row = tx.raw.execute(
        "SELECT count(*) FROM shares s JOIN partners p ON p.id = s.partner_id WHERE p.code = %s", (dealer.code,)
    ).fetchone()
    return {"code": dealer.code, "name": dealer.name, "customers": row[0] if row else 0, "fields": list(dealer.fields)}


def _described_system(tx: Transaction, dealer: Dealer, var: Path, port: int) -> dict[str, Any]:
    link = sync.find_link(tx, link_name(dealer))
    url = address(dealer, port)
    return {
        "name": f"{dealer.name} DMS",
        "partner": dealer.code,
        "connector": dealer.connector,
        "url": url,
        "link_id": str(link.id) if link else None,
        "quiet": dealer.quiet,
        "records": {"customers": f"{url}/customers", "interactions": f"{url}/interactions"},
        "headers": system_headers(var, dealer),
    }


def _counts(tx: Transaction) -> tuple[int, int]:
    row = tx.raw.execute("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM interactions)").fetchone()
    return (row[0], row[1]) if row else (0, 0)
