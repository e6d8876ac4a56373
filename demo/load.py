"""Puts the demo's world into an installation; loading twice changes nothing.

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

from demo import knocks
from demo.desk import DELIMITER, NUMBER, OPERATION, REFERENCE
from demo.keys import key_in
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
from gateway.sync.schedules import service as schedules

SYNC_SECONDS = 60
DESK_SETTINGS: dict[str, Any] = {
    "place": "folder", "archive": "move", "settle_seconds": 0, "op": OPERATION, "reference": REFERENCE,
    "streams": {
        "customers": {
            "pattern": "musteri_*.csv", "encoding": "windows-1254", "delimiter": DELIMITER,
            "fields": [
                {"ours": "external_id", "theirs": NUMBER},
                {"ours": "kind", "theirs": "Tür", "as": "map", "pairs": {"person": "G", "organisation": "T"}},
                {"ours": "given_name", "theirs": "Ad"},
                {"ours": "family_name", "theirs": "Soyad"},
                {"ours": "organisation_name", "theirs": "Unvan"},
                {"ours": "contact_points[phone].value", "theirs": "Cep"},
            ],
        }
    },
}  # fmt: skip
_BACKUP = {"from": "02:00", "until": "03:00"}
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
    kept = read_secrets(var)
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
    kept = read_secrets(var)
    for user in USERS:
        if user.customer is not None:
            _user(tx, user, kept)
    _write_secrets(var, kept)


def _link(tx: Transaction, dealer: Dealer, partner_id: UUID, var: Path, port: int) -> UUID | None:
    settings = _settings(dealer, var, port)
    link = sync.find_link(tx, link_name(dealer))
    if link is None:
        link = sync.add_link(
            tx,
            name=link_name(dealer),
            partner_id=partner_id,
            connector=dealer.connector,
            settings=settings,
            interval_seconds=SYNC_SECONDS,
        )
        _schedule_nights(tx, dealer, link.id)
        return sync.start_run(tx, link.id).id
    sync.change_settings(tx, link, settings)
    return None


def _settings(dealer: Dealer, var: Path, port: int) -> dict[str, Any]:
    folder = data_folder(var)
    settings: dict[str, Any] = {"base_url": address(dealer, port), "api_key": key_in(folder, dealer.code)}
    if dealer.knocks:
        streams = {name: {"path": f"/{name}", "delivered": name} for name in ("customers", "interactions")}
        inbound = {"kind": "standard_webhooks", "secrets": [knocks.secret_in(folder, dealer.code)]}
        settings |= {"streams": streams, "inbound": inbound}
    return settings


def _schedule_nights(tx: Transaction, dealer: Dealer, link_id: UUID) -> None:
    """A full run every night finds what was deleted and never told; none begins while the dealer makes its backup."""
    if dealer.nightly:
        wish = {"cron": dealer.nightly, "time_zone": "Europe/Istanbul", "blackout": [_BACKUP], "mode": "full"}
        schedules.add_schedule(tx, link_id, wish)


def link_name(dealer: Dealer) -> str:
    """What the link to a dealer's system is called."""
    return f"{dealer.name} DMS"


def address(dealer: Dealer, port: int) -> str:
    """Where a dealer's system answers."""
    return f"http://127.0.0.1:{port + dealer.port_offset}"


def system_headers(var: Path, dealer: Dealer) -> dict[str, str]:
    """What a request to a dealer's system needs."""
    return {"X-Api-Key": key_in(data_folder(var), dealer.code)}


def add_desks(tx: Transaction, var: Path) -> None:
    """Link the desks that only know files, once their dealers' customers are known; a schedule begins their work."""
    for dealer in DEALERS:
        partner = partners.find(tx, dealer.code)
        if dealer.desk is None or partner is None or sync.find_link(tx, dealer.desk) is not None:
            continue
        settings = {**DESK_SETTINGS, "folder": str(drops_folder(var) / dealer.code)}
        link = sync.add_link(tx, name=dealer.desk, partner_id=partner.id, connector="csv_drop", settings=settings)
        every_minute = {"cron": "* * * * *", "time_zone": "Europe/Istanbul", "blackout": [_BACKUP]}
        schedules.add_schedule(tx, link.id, every_minute)


def drops_folder(var: Path) -> Path:
    """Where the desks exchange files with the hub, a folder for each."""
    return data_folder(var).absolute() / "drops"


def tell_doors(tx: Transaction, var: Path, base_url: str) -> None:
    """Let the dealers that knock know where; it may be another port than last time."""
    for dealer in DEALERS:
        link = sync.find_link(tx, link_name(dealer)) if dealer.knocks else None
        if link is not None:
            knocks.write_door(data_folder(var), dealer.code, f"{base_url}/hooks/{link.id}")


def _client(tx: Transaction, client: Client, kept: Secrets, var: Path) -> None:
    key_file, channel = data_folder(var) / f"{client.client_id}.jwk.json", Channel(client.channel)
    try:
        found = oauth.find_client(tx, client.client_id)
        oauth.change_scopes(tx, found, scopes_on(channel))  # there may be more than when it was made
    except NotFound:
        found = None
    if found is None:
        partner = partners.find(tx, client.partner) if client.partner else None
        _, secret = oauth.add_client(
            tx,
            client.name,
            channel,
            partner_id=partner.id if partner else None,
            auth_method=client.auth,
            grants=client.grants,
            redirect_uris=client.redirect_uris,
            scopes=scopes_on(channel),
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
    link = sync.find_link(tx, link_name(dealer))
    return sync.record_known_as(tx, link.id, "customers", external_id) if link else None


def read_secrets(var: Path) -> Secrets:
    """Client secrets and passwords that were made when the demo was loaded."""
    place = data_folder(var) / "secrets.json"
    kept: Secrets = json.loads(place.read_text()) if place.exists() else {"clients": {}, "users": {}}
    return kept


def _write_secrets(var: Path, kept: Secrets) -> None:
    write_private(data_folder(var) / "secrets.json", json.dumps(kept, indent=2))
