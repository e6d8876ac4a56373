"""Puts the demo's world into an installation and writes `demo.json`; loading twice changes nothing.

The dealers' customers are not loaded: the hub learns them by syncing, as it would from any partner.
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc.jwk import ECKey, OKPKey, RSAKey

from demo.dealer import key_in
from demo.world import CLIENTS, DEALERS, USERS, Client, Dealer, User
from gateway.accounts import service as accounts
from gateway.channels import Channel
from gateway.db import Transaction
from gateway.errors import NotFound
from gateway.installation import write_private
from gateway.oauth import service as oauth
from gateway.oauth.scopes import scopes_on
from gateway.partners import service as partners
from gateway.supervisor import Program
from gateway.sync import service as sync

SYNC_SECONDS = 60
Secrets = dict[str, dict[str, str]]
_KEYS: dict[str, Callable[[], Any]] = {
    "ES256": lambda: ECKey.generate_key("P-256"),
    "PS256": lambda: RSAKey.generate_key(2048),
    "EdDSA": lambda: OKPKey.generate_key("Ed25519"),
}


def ports(port: int) -> list[int]:
    """The ports of the dealers' systems, next to the web server's."""
    return [port + dealer.port_offset for dealer in DEALERS]


def programs(var: Path, port: int) -> Iterator[Program]:
    """The dealers' systems, each a program with its own data below `var`."""
    folder = data_folder(var)
    for dealer in DEALERS:
        key_in(folder, dealer.code)
        options = ["--port", str(port + dealer.port_offset), "--data", str(folder), *(["--quiet"] * dealer.quiet)]
        command = (sys.executable, "-m", "demo.dealer", "--code", dealer.code, *options)
        yield Program(f"dealer-{dealer.code}", command, var / "log" / f"dealer-{dealer.code}.log")


def data_folder(var: Path) -> Path:
    """Where the dealers keep their databases and keys, and the demo its secrets."""
    folder = var / "demo"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def load_world(tx: Transaction, var: Path, port: int) -> list[UUID]:
    """Make partners, clients, people and links that are not there yet; answers the runs that were begun."""
    kept = _read_secrets(var)
    runs = []
    for dealer in DEALERS:
        partner = partners.find(tx, dealer.code) or partners.add(tx, dealer.code, dealer.name, dealer.fields)
        run = _link(tx, dealer, partner.id, var, port)
        runs += [run] if run else []
    for client in CLIENTS:
        _client(tx, client, kept, var)
    for user in USERS:
        if user.customer is None:
            _user(tx, user, kept)
    _write_secrets(var, kept)
    return runs


def load_customers_sign_in(tx: Transaction, var: Path) -> None:
    """Give the demo's customer a sign-in, once the hub has learnt who they are."""
    kept = _read_secrets(var)
    for user in USERS:
        if user.customer is not None:
            _user(tx, user, kept)
    _write_secrets(var, kept)


def describe(tx: Transaction, var: Path, base_url: str, port: int) -> dict[str, Any]:
    """What `demo.json` says: where everything is and how to sign in."""
    kept = _read_secrets(var)
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


def _link(tx: Transaction, dealer: Dealer, partner_id: UUID, var: Path, port: int) -> UUID | None:
    settings = {"base_url": address(dealer, port), "api_key": key_in(data_folder(var), dealer.code)}
    link = sync.find_link(tx, _link_name(dealer))
    if link is None:
        link = sync.add_link(
            tx,
            name=_link_name(dealer),
            partner_id=partner_id,
            connector=dealer.connector,
            settings=settings,
            interval_seconds=SYNC_SECONDS,
        )
        return sync.start_run(tx, link.id).id
    sync.change_settings(tx, link, settings)
    return None


def _link_name(dealer: Dealer) -> str:
    return f"{dealer.name} DMS"


def address(dealer: Dealer, port: int) -> str:
    """Where a dealer's system answers."""
    return f"http://127.0.0.1:{port + dealer.port_offset}"


def _client(tx: Transaction, client: Client, kept: Secrets, var: Path) -> None:
    key_file = data_folder(var) / f"{client.client_id}.jwk.json"
    try:
        found = oauth.find_client(tx, client.client_id)
    except NotFound:
        found = None
    if found is None:
        partner = partners.find(tx, client.partner) if client.partner else None
        channel = Channel(client.channel)
        _, secret = oauth.add_client(
            tx,
            client.name,
            channel,
            partner_id=partner.id if partner else None,
            auth_method=client.auth,
            grants=client.grants,
            redirect_uris=client.redirect_uris,
            scopes=sorted(set(client.scopes) & scopes_on(channel)),
            jwks={"keys": [_new_key(client, key_file)]} if client.alg else None,
            client_id=client.client_id,
        )
        if secret:
            kept["clients"][client.client_id] = secret
    elif client.alg and not key_file.exists():
        oauth.replace_keys(tx, found, {"keys": [_new_key(client, key_file)]})
    elif client.auth == "client_secret_basic" and client.client_id not in kept["clients"]:
        kept["clients"][client.client_id] = oauth.rotate_secret(tx, found)


def _new_key(client: Client, place: Path) -> dict[str, Any]:
    key = _KEYS[client.alg or "ES256"]()
    named = {"kid": f"{client.client_id}-1", "alg": client.alg, "use": "sig"}
    write_private(place, json.dumps({**key.as_dict(private=True), **named}))
    return {**key.as_dict(private=False), **named}


def _user(tx: Transaction, user: User, kept: Secrets) -> None:
    found = accounts.find(tx, user.username)
    if found is not None and user.username in kept["users"]:
        return
    password = kept["users"][user.username] = secrets.token_urlsafe(15)
    if found is not None:
        accounts.change_password(tx, found, password)
        return
    partner = partners.find(tx, user.partner) if user.partner else None
    accounts.add_user(
        tx,
        user.username,
        password,
        Channel(user.channel),
        user.role,
        partner_id=partner.id if partner else None,
        customer_id=_customer_of(tx, user),
        display_name=user.name,
        locale="tr",
    )


def _customer_of(tx: Transaction, user: User) -> UUID | None:
    if user.customer is None:
        return None
    code, external_id = user.customer
    dealer = next(dealer for dealer in DEALERS if dealer.code == code)
    link = sync.find_link(tx, _link_name(dealer))
    return sync.record_known_as(tx, link.id, "customers", external_id) if link else None


def _read_secrets(var: Path) -> Secrets:
    place = data_folder(var) / "secrets.json"
    kept: Secrets = json.loads(place.read_text()) if place.exists() else {"clients": {}, "users": {}}
    return kept


def _write_secrets(var: Path, kept: Secrets) -> None:
    write_private(data_folder(var) / "secrets.json", json.dumps(kept, indent=2))


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
    link = sync.find_link(tx, _link_name(dealer))
    url = address(dealer, port)
    return {
        "name": f"{dealer.name} DMS",
        "partner": dealer.code,
        "connector": dealer.connector,
        "url": url,
        "link_id": str(link.id) if link else None,
        "quiet": dealer.quiet,
        "records": {"customers": f"{url}/customers", "interactions": f"{url}/interactions"},
        "headers": {"X-Api-Key": key_in(data_folder(var), dealer.code)},
    }


def _counts(tx: Transaction) -> tuple[int, int]:
    row = tx.raw.execute("SELECT (SELECT count(*) FROM customers), (SELECT count(*) FROM interactions)").fetchone()
    return (row[0], row[1]) if row else (0, 0)
