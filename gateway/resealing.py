"""Every place where a secret lies sealed: to seal it again under the newest key, and to see that all can be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from gateway import audit, vault
from gateway.db import Transaction
from gateway.oauth.models import SigningKey as TokenKey
from gateway.rights.erasure.models import ErasureNotice
from gateway.rights.erasure.notices import bound_to as notice
from gateway.sync.models import SyncLink
from gateway.webhooks.endpoints.access import bound_to as webhook_access
from gateway.webhooks.endpoints.headers import bound_to as webhook_headers
from gateway.webhooks.endpoints.keys import bound_to as webhook_key
from gateway.webhooks.models import Endpoint, SigningKey


@dataclass(frozen=True, slots=True)
class SealedPlace:
    """A column of sealed values and what each is bound to. Refresh tokens' successors live for seconds: not listed."""

    name: str
    model: type[Any]
    column: str
    bound_to: Callable[[Any], str]

    def rows(self, tx: Transaction, *, lock: bool = False) -> Iterator[tuple[Any, str]]:
        """Every row with something sealed here."""
        statement = select(self.model)
        for row in tx.scalars(statement.with_for_update() if lock else statement):
            if sealed := getattr(row, self.column):
                yield row, sealed


PLACES = (
    SealedPlace("signing keys", TokenKey, "sealed", lambda key: f"signing_key:{key.kid}"),
    SealedPlace("partner credentials", SyncLink, "sealed", lambda link: f"sync_link:{link.id}:settings"),
    SealedPlace("webhook keys", SigningKey, "sealed", lambda key: webhook_key(key.endpoint_id)),
    SealedPlace("webhook headers", Endpoint, "headers_sealed", lambda endpoint: webhook_headers(endpoint.id)),
    SealedPlace("partners' ids of erased people", ErasureNotice, "references_sealed", lambda told: notice(told.id)),
    SealedPlace("ways in at endpoints", Endpoint, "access_sealed", lambda endpoint: webhook_access(endpoint.id)),
)


def reseal(tx: Transaction) -> dict[str, int]:
    """Seal everything under the newest key; answers how many were changed in each place. Raises SealBroken."""
    counts = {}
    for place in PLACES:
        old = [(row, sealed) for row, sealed in place.rows(tx, lock=True) if vault.needs_resealing(sealed)]
        for row, sealed in old:
            where = place.bound_to(row)
            setattr(row, place.column, vault.seal(vault.unseal(sealed, where), where))
        counts[place.name] = len(old)
    audit.record(tx, "vault.resealed", "vault", "", counts)
    return counts


def broken(tx: Transaction) -> list[str]:
    """The places with something that cannot be opened, with the reason of the first."""
    return [f"{place.name}: {reason}" for place in PLACES if (reason := _first_broken(tx, place))]


def _first_broken(tx: Transaction, place: SealedPlace) -> str:
    for row, sealed in place.rows(tx):
        try:
            vault.unseal(sealed, place.bound_to(row))
        except vault.SealBroken as reason:
            return str(reason)
    return ""
