"""Endpoints as they are shown: what their owners wish, and how they stand."""

from __future__ import annotations

from typing import Any

from gateway.db import Transaction
from gateway.webhooks.endpoints import wishes
from gateway.webhooks.endpoints.published import url_of
from gateway.webhooks.endpoints.standing import Standing, standing_of
from gateway.webhooks.models import Endpoint
from schemas import webhook as shapes
from schemas.projection import show


def show_all(
    tx: Transaction, endpoints: list[Endpoint], shape: type[shapes.Endpoint], base_url: str
) -> list[dict[str, Any]]:
    """Endpoints with the fields of a shape; no secret is ever among them."""
    standing = standing_of(tx, [each.id for each in endpoints])
    return [_shown(each, standing[each.id], shape, base_url) for each in endpoints]


def _shown(endpoint: Endpoint, standing: Standing, shape: type[shapes.Endpoint], base_url: str) -> dict[str, Any]:
    said = standing._asdict()
    said |= {
        "headers": wishes.header_names(endpoint),
        "auth": endpoint.access,
        "public_keys_url": url_of(base_url, endpoint.id) if standing.is_published else None,
    }
    return show(shape, endpoint, **said)
