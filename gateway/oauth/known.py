"""Clients and people as the token endpoint and the guard need them: active ones only, read in bulk, kept a moment."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import text

from gateway import vault
from gateway.accounts.service import scopes_of
from gateway.channels import Channel
from gateway.db import Query, Transaction, now

_CLOCK_SKEW_SECONDS = 5
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|\[::1\])(:\d{1,5})?(/.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class KnownClient(ClientMixin):  # type: ignore[misc]
    """An active client of an active partner; implements what Authlib asks of a client."""

    client_id: str
    name: str
    channel: Channel
    partner_id: UUID | None
    partner: str
    granted_fields: frozenset[str]
    auth_method: str
    grants: frozenset[str]
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    jwks: dict[str, Any]
    secret_mark: str | None
    old_secret_mark: str | None
    old_secret_expires_at: datetime | None
    quota: tuple[int, int] | None
    is_trusted: bool

    def __repr__(self) -> str:
        return f"KnownClient({self.client_id!r})"

    @property
    def is_confidential(self) -> bool:
        """Whether the client proves who it is (RFC 6749 section 2.1)."""
        return self.auth_method != "none"

    def get_client_id(self) -> str:
        """Authlib's name for the client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: every authorization request has to name its redirect URI (OAuth 2.1)."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scope asked for, all of the client's where none was asked for, None where it asks too much."""
        asked = frozenset(scope.split()) if scope else self.scopes
        return " ".join(sorted(asked)) if asked and asked <= self.scopes else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exact match; a public client on a loopback address may choose its port (RFC 8252 section 7.3)."""
        if redirect_uri in self.redirect_uris:
            return True
        if self.is_confidential or not _LOOPBACK.fullmatch(redirect_uri):
            return False
        bare = _without_port(redirect_uri)
        return any(_LOOPBACK.fullmatch(uri) and _without_port(uri) == bare for uri in self.redirect_uris)

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether it is the present secret, or the one before within its overlap; in constant time."""
        mark = vault.fingerprint(client_secret, "client-secret")
        is_present = hmac.compare_digest(mark, self.secret_mark or "")
        is_old = hmac.compare_digest(mark, self.old_secret_mark or "")
        still = self.old_secret_expires_at is not None and self.old_secret_expires_at > now()
        return is_present or (is_old and still)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether the client authenticates in this way, at every endpoint alike."""
        return method == self.auth_method

    def check_response_type(self, response_type: str) -> bool:
        """Only codes are given."""
        return response_type == "code" and "authorization_code" in self.grants

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client was registered for this grant."""
        return grant_type in self.grants


@dataclass(frozen=True, slots=True)
class Person:
    """An active user of an active partner, or an active employee or customer.

    Access tokens issued before `not_before` (seconds since 1970) went with the password of then.
    """

    id: UUID
    username: str
    channel: Channel
    role: str
    scopes: frozenset[str]
    partner_id: UUID | None
    customer_id: UUID | None
    display_name: str
    locale: str
    not_before: float

    def may_use(self, client: KnownClient) -> bool:
        """People sign in at clients of their own channel, and of their own partner."""
        return self.channel is client.channel and self.partner_id == client.partner_id


_CLIENTS = Query(
    text(
        """
        SELECT c.client_id, c.name, c.channel, c.partner_id, coalesce(p.code, ''), coalesce(p.granted_fields, '{}'),
               c.auth_method, c.grants, c.redirect_uris, c.scopes, c.jwks,
               c.secret_mark, c.old_secret_mark, c.old_secret_expires_at, c.quota_requests, c.quota_seconds,
               c.is_trusted
        FROM oauth_clients c LEFT JOIN partners p ON p.id = c.partner_id
        WHERE c.client_id = ANY(:ids) AND c.status = 'active' AND (p.id IS NULL OR p.status = 'active')
        """
    )
)
_PEOPLE = Query(
    text(
        """
        SELECT u.id, u.username, u.channel, u.role, u.partner_id, u.customer_id, u.display_name, u.locale,
               coalesce(extract(epoch FROM u.credentials_changed_at), 0)::float8
        FROM users u LEFT JOIN partners p ON p.id = u.partner_id
        WHERE u.id = ANY(:ids) AND u.status = 'active' AND (p.id IS NULL OR p.status = 'active')
        """
    )
)


def load_clients(tx: Transaction, client_ids: list[str]) -> dict[str, KnownClient]:
    """The active ones among these client ids."""
    return {row[0]: _client(*row) for row in tx.rows(_CLIENTS, ids=client_ids)} if client_ids else {}


def load_people(tx: Transaction, user_ids: list[UUID]) -> dict[UUID, Person]:
    """The active ones among these user ids."""
    return {row[0]: _person(*row) for row in tx.rows(_PEOPLE, ids=user_ids)} if user_ids else {}


def _client(
    client_id: str,
    name: str,
    channel: str,
    partner_id: UUID | None,
    partner: str,
    granted_fields: list[str],
    auth_method: str,
    grants: list[str],
    redirect_uris: list[str],
    scopes: list[str],
    jwks: dict[str, Any] | None,
    secret_mark: str | None,
    old_secret_mark: str | None,
    old_secret_expires_at: datetime | None,
    quota_requests: int | None,
    quota_seconds: int | None,
    is_trusted: bool,
) -> KnownClient:
    return KnownClient(
        client_id=client_id,
        name=name,
        channel=Channel(channel),
        partner_id=partner_id,
        partner=partner,
        granted_fields=frozenset(granted_fields),
        auth_method=auth_method,
        grants=frozenset(grants),
        redirect_uris=tuple(redirect_uris),
        scopes=frozenset(scopes),
        jwks=jwks or {"keys": []},
        secret_mark=secret_mark,
        old_secret_mark=old_secret_mark,
        old_secret_expires_at=old_secret_expires_at,
        quota=(quota_requests, quota_seconds) if quota_requests and quota_seconds else None,
        is_trusted=is_trusted,
    )


def _person(
    user_id: UUID,
    username: str,
    channel: str,
    role: str,
    partner_id: UUID | None,
    customer_id: UUID | None,
    display_name: str,
    locale: str,
    changed_at: float,
) -> Person:
    return Person(
        id=user_id,
        username=username,
        channel=Channel(channel),
        role=role,
        scopes=scopes_of(role),
        partner_id=partner_id,
        customer_id=customer_id,
        display_name=display_name,
        locale=locale,
        not_before=changed_at - _CLOCK_SKEW_SECONDS,
    )


def _without_port(uri: str) -> str:
    parts = urlsplit(uri)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return urlunsplit(parts._replace(netloc=host or ""))
