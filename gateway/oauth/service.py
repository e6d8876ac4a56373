"""What can be done with OAuth clients."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.channels import Channel
from gateway.db import Transaction, now
from gateway.errors import Conflict, NotFound, refuse_field
from gateway.oauth import standing
from gateway.oauth.client_keys import check_jwks
from gateway.oauth.models import Client
from gateway.oauth.scopes import scopes_on
from gateway.vault import fingerprint

GRANTS = frozenset({"authorization_code", "refresh_token", "client_credentials"})
AUTH_METHODS = ("none", "client_secret_basic", "private_key_jwt")
SECRET_OVERLAP = timedelta(days=7)
_PLAIN = re.compile(r"[!-~]{1,2000}")
_CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9_-]{2,63}")
_PRIVATE_USE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


class NoSecret(Conflict):
    """The client proves itself otherwise, so there is no secret to change."""

    code, title = "no_secret", "This client has no secret"


class ClientIdTaken(Conflict):
    """Another client has this client id."""

    code, title = "client_id_taken", "Another client has this client id"


def add_client(
    tx: Transaction,
    name: str,
    channel: Channel,
    *,
    partner_id: UUID | None = None,
    auth_method: str,
    grants: Iterable[str],
    redirect_uris: Iterable[str] = (),
    scopes: Iterable[str],
    jwks: dict[str, Any] | None = None,
    quota: tuple[int, int] | None = None,
    is_trusted: bool = False,
    client_id: str | None = None,
) -> tuple[Client, str | None]:
    """Register a client; answers it with its secret, which is shown this once. Raises Invalid naming the field."""
    grants, redirect_uris, scopes = sorted(set(grants)), list(redirect_uris), sorted(set(scopes))
    _check_name(name)
    _check_place(channel, partner_id)
    _check_grants(auth_method, grants, redirect_uris)
    _check_redirect_uris(redirect_uris, auth_method)
    _check_scopes(scopes, channel)
    client = Client(
        client_id=_usable_id(tx, client_id),
        name=name.strip(),
        channel=channel.value,
        partner_id=partner_id,
        auth_method=auth_method,
        grants=grants,
        redirect_uris=redirect_uris,
        scopes=scopes,
        jwks=check_jwks(jwks) if auth_method == "private_key_jwt" else None,
        quota_requests=quota[0] if quota else None,
        quota_seconds=quota[1] if quota else None,
        is_trusted=is_trusted,
    )
    secret = _give_secret(client) if auth_method == "client_secret_basic" else None
    tx.session.add(client)
    tx.session.flush()
    audit.record(tx, "client.created", "client", client.client_id, {"auth_method": auth_method, "grants": grants})
    return client, secret


def find_client(tx: Transaction, client_id: str) -> Client:
    """The client with this client id; raises NotFound."""
    client: Client | None = tx.session.scalar(select(Client).where(Client.client_id == client_id))
    if client is None:
        raise NotFound
    return client


def list_clients(tx: Transaction) -> list[Client]:
    """Every client the caller may see, by name."""
    return list(tx.session.scalars(select(Client).order_by(Client.name, Client.client_id)))


def rotate_secret(tx: Transaction, client: Client, overlap: timedelta = SECRET_OVERLAP) -> str:
    """Give the client another secret, shown this once; the one before works until the overlap ends. Raises NoSecret."""
    if client.auth_method != "client_secret_basic":
        raise NoSecret(f"{client.client_id} has no secret: it comes in by {client.auth_method}.")
    client.old_secret_mark, client.old_secret_expires_at = client.secret_mark, now() + overlap
    secret = _give_secret(client)
    _changed(tx, client, "client.secret_rotated")
    return secret


def replace_keys(tx: Transaction, client: Client, jwks: dict[str, Any]) -> None:
    """Register other public keys, for an overlap the old ones among them; raises Invalid."""
    if client.auth_method != "private_key_jwt":
        raise NoSecret("This client does not use keys.")
    client.jwks = check_jwks(jwks)
    _changed(tx, client, "client.keys_replaced")


def change_scopes(tx: Transaction, client: Client, scopes: Iterable[str]) -> None:
    """Let the client ask for exactly these scopes, its tokens too, in every process within 5 s; raises Invalid."""
    wanted = sorted(set(scopes))
    _check_scopes(wanted, Channel(client.channel))
    if wanted != client.scopes:
        client.scopes = wanted
        _changed(tx, client, "client.scopes_changed")


def disable_client(tx: Transaction, client: Client) -> None:
    """Refuse the client and every token of it, in every process within 5 s."""
    client.status = "disabled"
    _changed(tx, client, "client.disabled")


def enable_client(tx: Transaction, client: Client) -> None:
    """Let a disabled client work again."""
    client.status = "active"
    _changed(tx, client, "client.enabled")


def _changed(tx: Transaction, client: Client, action: str) -> None:
    client.version += 1
    audit.record(tx, action, "client", client.client_id)
    tx.after_commit(standing.expire)


def _give_secret(client: Client) -> str:
    secret = f"ks_{secrets.token_urlsafe(32)}"
    client.secret_mark = fingerprint(secret, "client-secret")
    return secret


def _usable_id(tx: Transaction, client_id: str | None) -> str:
    if client_id is None:
        return f"kc_{secrets.token_hex(12)}"
    if not _CLIENT_ID.fullmatch(client_id):
        raise refuse_field("/client_id", "malformed", "3 to 64 lower-case letters, digits, hyphens and underscores.")
    if tx.session.scalar(select(Client.id).where(Client.client_id == client_id)) is not None:
        raise ClientIdTaken
    return client_id


def _check_name(name: str) -> None:
    if not (0 < len(name.strip()) <= 200 and name.isprintable()):
        raise refuse_field("/name", "length", "1 to 200 printable characters.")


def _check_place(channel: Channel, partner_id: UUID | None) -> None:
    if (partner_id is not None) != (channel is Channel.EXTRANET):
        raise refuse_field("/partner_id", "wrong_channel", "Extranet clients belong to a partner, and no others do.")


def _check_grants(auth_method: str, grants: list[str], redirect_uris: list[str]) -> None:
    if auth_method not in AUTH_METHODS:
        raise refuse_field("/auth_method", "unknown_value", f"One of {', '.join(AUTH_METHODS)}.")
    if not grants or set(grants) - GRANTS:
        raise refuse_field("/grants", "unknown_value", f"Some of {', '.join(sorted(GRANTS))}.")
    if auth_method == "none" and "client_credentials" in grants:
        raise refuse_field("/grants", "not_public", "A public client has no credentials of its own to present.")
    if "refresh_token" in grants and "authorization_code" not in grants:
        raise refuse_field("/grants", "incomplete", "Refresh tokens are given with authorization_code only.")
    if ("authorization_code" in grants) != bool(redirect_uris):
        raise refuse_field("/redirect_uris", "required", "Needed for authorization_code, and for nothing else.")


def _check_redirect_uris(redirect_uris: list[str], auth_method: str) -> None:
    for number, uri in enumerate(redirect_uris):
        if not _is_good_redirect(uri, is_public=auth_method == "none"):
            message = "An https address, or a loopback one, without fragment, user or wildcard."
            raise refuse_field(f"/redirect_uris/{number}", "malformed", message)


def _is_good_redirect(uri: str, *, is_public: bool) -> bool:
    if not _PLAIN.fullmatch(uri) or any(mark in uri for mark in '#*\\"<>'):
        return False
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme in ("https", "http"):
        is_safe = parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")
        return is_safe and bool(parts.hostname) and "@" not in parts.netloc
    return is_public and _PRIVATE_USE_SCHEME.fullmatch(parts.scheme) is not None and not parts.netloc


def _check_scopes(scopes: list[str], channel: Channel) -> None:
    if not scopes:
        raise refuse_field("/scopes", "required", "At least one scope.")
    if foreign := set(scopes) - scopes_on(channel):
        raise refuse_field("/scopes", "unknown_value", f"No scope of {channel}: {', '.join(sorted(foreign))}.")
