"""The server's signing keys: `next` is published before it signs, `retired` verifies until its tokens are dead."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc.jwk import ECKey
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from gateway import audit, vault
from gateway.db import Query, Transaction, now
from gateway.errors import Conflict
from gateway.oauth.models import SigningKey

ALGORITHM = "ES256"
JWKS_MAX_AGE_SECONDS = 300
LONGEST_TOKEN_SECONDS = 3600
# Whoever fetched the key set just before a key was published has fetched it again by then, even if late once.
PUBLISH_BEFORE_USE = timedelta(seconds=2 * JWKS_MAX_AGE_SECONDS)
# Covers the longest token plus processes that notice the change of keys some seconds late.
KEEP_RETIRED = timedelta(seconds=LONGEST_TOKEN_SECONDS + 60)


class RotationUnderWay(Conflict):
    """The next key is published but not for long enough to sign."""

    code, title = "rotation_under_way", "The next key is already published and takes over by itself"


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys as one process holds them: who signs, and every public key that verifies."""

    states: frozenset[tuple[str, str]]
    signing_kid: str
    signing_key: ECKey | None
    public: dict[str, ECKey]

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The published key set (RFC 7517), the next key included."""
        return {"keys": [{**key.as_dict(private=False), "kid": kid} for kid, key in sorted(self.public.items())]}


NO_KEYS = Keyring(frozenset(), "", None, {})
_STATES = Query(text("SELECT kid, state FROM signing_keys"))


def load_ring(tx: Transaction, known: Keyring = NO_KEYS) -> Keyring:
    """The keys of the database, or `known` itself where nothing has changed."""
    states = frozenset((kid, state) for kid, state in tx.rows(_STATES))
    if states == known.states:
        return known
    keys = current_keys(tx)
    active = next((key for key in keys if key.state == "active"), None)
    return Keyring(
        frozenset((key.kid, key.state) for key in keys),
        active.kid if active else "",
        _open(active) if active else None,
        {key.kid: ECKey.import_key({**key.public, "use": "sig", "alg": ALGORITHM}) for key in keys},
    )


def current_keys(tx: Transaction) -> list[SigningKey]:
    """Every key that is published now, oldest first."""
    return list(tx.session.scalars(select(SigningKey).order_by(SigningKey.published_at, SigningKey.kid)))


def ensure_first_key(tx: Transaction) -> None:
    """Make and publish the first signing key where there is none; safe when several processes start at once."""
    if tx.first(_STATES) is None:
        _publish(tx, "active", now())


def rotate(tx: Transaction) -> SigningKey:
    """Publish the next key (or activate one that has been published long enough); answers it.

    Raises RotationUnderWay while a published key has to wait.
    """
    ensure_first_key(tx)
    waiting = _key_in(tx, "next")
    if waiting is None:
        _publish(tx, "next", None)
        published = _key_in(tx, "next")
        if published is None:
            raise RotationUnderWay
        return published
    if not activate_ripe(tx):
        ready_at = waiting.published_at + PUBLISH_BEFORE_USE
        raise RotationUnderWay(f"Key {waiting.kid} signs from {ready_at:%Y-%m-%d %H:%M:%S} UTC on.")
    return waiting


def activate_ripe(tx: Transaction) -> bool:
    """Let the next key sign once it has been published long enough; the old one then only verifies."""
    ripe = _key_in(tx, "next")
    if ripe is None or ripe.published_at > now() - PUBLISH_BEFORE_USE:
        return False
    old = _key_in(tx, "active")
    if old is not None:
        old.state, old.retired_at = "retired", now()
        tx.session.flush()  # one key may be active at a time, so the old one has to step back first
    ripe.state, ripe.activated_at = "active", now()
    audit.record(tx, "signing_key.activated", "signing_key", ripe.kid)
    return True


def drop_dead(tx: Transaction) -> None:
    """Delete retired keys whose last token has expired."""
    dead = delete(SigningKey).where(SigningKey.state == "retired", SigningKey.retired_at < now() - KEEP_RETIRED)
    tx.session.execute(dead)


def _key_in(tx: Transaction, state: str) -> SigningKey | None:
    found: SigningKey | None = tx.session.scalar(select(SigningKey).where(SigningKey.state == state).with_for_update())
    return found


def _publish(tx: Transaction, state: str, activated_at: datetime | None) -> None:
    key = ECKey.generate_key("P-256")
    kid = key.thumbprint()
    row = insert(SigningKey).values(
        kid=kid,
        state=state,
        sealed=vault.seal(json.dumps(key.as_dict(private=True)), f"signing_key:{kid}"),
        public=key.as_dict(private=False),
        published_at=now(),
        activated_at=activated_at,
    )
    if tx.session.execute(row.on_conflict_do_nothing().returning(SigningKey.kid)).first():
        audit.record(tx, "signing_key.published", "signing_key", kid)


def _open(key: SigningKey) -> ECKey:
    return ECKey.import_key(json.loads(vault.unseal(key.sealed, f"signing_key:{key.kid}")))
