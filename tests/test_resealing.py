"""Every sealed place is found when the vault's key changes, and nothing is left under the old one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from uuid import UUID

import pytest

import gateway
from gateway import resealing, vault
from gateway.channels import Caller
from gateway.db import Base, transaction
from gateway.webhooks.endpoints import access, headers
from gateway.webhooks.models import Endpoint
from tests.conftest import Cast
from tests.webhooks.test_wishes import OAUTH, add

NEW = ("yeni", b"y" * 32)
LIVES_FOR_SECONDS = {("refresh_tokens", "successor_sealed")}


@pytest.fixture
def old_keys() -> Iterator[tuple[tuple[str, bytes], ...]]:
    before = vault._keys
    yield before
    vault.load_keys(before)


def test_every_sealed_column_is_a_place_that_is_resealed() -> None:
    for module in pkgutil.walk_packages(gateway.__path__, "gateway."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    sealed = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if "sealed" in column.name
    }
    places = {(place.model.__tablename__, place.column) for place in resealing.PLACES}
    assert sealed - LIVES_FOR_SECONDS == places


def test_endpoints_secrets_open_without_the_old_key_once_they_are_resealed(
    cast: Cast, old_keys: tuple[tuple[str, bytes], ...]
) -> None:
    added = add(cast.eskisehir, auth=OAUTH, headers={"X-Bayi": "gizli"}, signatures=["v1", "v1a"]).get_json()
    vault.load_keys((NEW, *old_keys))
    with transaction(Caller.system("test")) as tx:
        counts = resealing.reseal(tx)
    vault.load_keys((NEW,))
    with transaction(Caller.system("test")) as tx:
        assert resealing.broken(tx) == []
        endpoint = tx.session.get_one(Endpoint, UUID(added["id"]))
        assert headers.opened(endpoint.id, endpoint.headers_sealed) == {"X-Bayi": "gizli"}
        assert access.of(endpoint.id, endpoint.headers_sealed, endpoint.access_sealed)
    assert (counts["webhook keys"], counts["webhook headers"], counts["ways in at endpoints"]) == (2, 1, 1)
