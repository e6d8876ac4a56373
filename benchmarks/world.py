"""The data of every benchmark, made from one seed: partners, customers of Turkish cities, what happened with them.

At full scale 100,000 customers, 500,000 interactions and 50 partners. Each customer is shared with one or two
partners; large partners have about six times as many as small ones, and the smallest more than 1,000. Most people
live in the big cities.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any
from uuid import UUID

from gateway.customers.shape import complete
from gateway.interactions.service import search_key

SEED = 34
PARTNERS = 50
CUSTOMERS = 100_000
INTERACTIONS_EACH = 5
_START = datetime(2024, 1, 1, tzinfo=UTC)
_TWO_YEARS = 2 * 365 * 86_400
GIVEN = ("Ayşe", "Fatma", "Cem", "İbrahim", "Işık", "Gülşen", "Ömer", "Çağla", "Şükrü", "Deniz", "Uğur", "Zeynep")
FAMILY = ("Yılmaz", "Işık", "Öztürk", "Çelik", "Şahin", "Aydın", "İnan", "Güneş", "Doğan", "Kılıç", "Aksoy", "Ünal")
CITIES = {
    "İstanbul": 30, "Ankara": 12, "İzmir": 10, "Bursa": 7, "Antalya": 6, "Konya": 5, "Adana": 5, "Şanlıurfa": 4,
    "Eskişehir": 4, "Gaziantep": 4, "Kayseri": 3, "Trabzon": 3, "Diyarbakır": 3, "Muğla": 2, "Çanakkale": 2,
}  # fmt: skip
BODIES, FUELS = ("sedan", "suv", "hatchback"), ("petrol", "diesel", "electric")
_SUBJECTS = ("Servis randevusu", "Sedan için fiyat", "Geç teslimat şikâyeti", "Deneme sürüşü isteği", "Lastik değişimi")
_BODY = "Müşteri {name} aradı; {subject} konusunda görüşüldü ve kendisine yarın öğleden sonra dönüleceği söylendi."


@dataclass(frozen=True, slots=True)
class Sharing:
    """A customer and the partners it is shared with, by their place among the partners."""

    customer: dict[str, Any]
    partners: tuple[int, ...]


def customers(count: int) -> Iterator[Sharing]:
    """`count` customers in their stored form, derived columns included, with those who see them."""
    chance = random.Random(SEED)
    weights = list(accumulate(1 / (rank + 10) for rank in range(PARTNERS)))
    for number in range(count):
        made_at = _START + timedelta(seconds=number * _TWO_YEARS / count)
        chosen = chance.choices(range(PARTNERS), cum_weights=weights, k=2 if chance.random() < 0.3 else 1)
        yield Sharing(_customer(chance, number, made_at), tuple(sorted(set(chosen))))


def interactions(of: Sharing, partner_ids: list[UUID], codes: list[str]) -> Iterator[dict[str, Any]]:
    """What happened with a customer, in its stored form."""
    chance = random.Random(of.customer["id"].int)
    for _ in range(INTERACTIONS_EACH):
        place = chance.choice(of.partners)
        visibility = chance.choices(("partner", "shared", "internal"), (6, 3, 1))[0]
        yield _interaction(chance, of.customer, visibility, partner_ids[place], codes[place])


def _customer(chance: random.Random, number: int, made_at: datetime) -> dict[str, Any]:
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    city = chance.choices(list(CITIES), list(CITIES.values()))[0]
    row = {
        "id": _id_at(chance, made_at), "kind": "person", "given_name": given, "family_name": family,
        "organisation_name": None, "birth_date": date(1950, 1, 1) + timedelta(days=chance.randrange(20_000)),
        "tax_id": None, "status": chance.choices(("active", "prospect", "inactive"), (8, 1, 1))[0], "locale": "tr-TR",
        "contact_points": _contact_points(chance, number, city),
        "identifiers": [{"system": "erp", "value": f"C-{number}"}], "attributes": _attributes(chance),
        "owner": "ayse", "internal_note": None, "sources": {}, "origin": "", "version": 1, "created_at": made_at,
        "updated_at": made_at + timedelta(seconds=chance.randrange(_TWO_YEARS), microseconds=number % 1_000_000),
    }  # fmt: skip
    return complete(row)


def _contact_points(chance: random.Random, number: int, city: str) -> list[dict[str, Any]]:
    line = f"Atatürk Cad. {number % 500}"
    parts = {"line1": line, "line2": None, "district": "Merkez", "city": city, "region": None, "postal_code": "26010"}
    return [
        _point(chance, "email", f"musteri{number}@example.com", None),
        _point(chance, "phone", f"+90532{number % 10_000_000:07}", None),
        _point(chance, "address", f"{line}, Merkez, {city}", {**parts, "country": "TR"}),
    ]


def _point(chance: random.Random, kind: str, value: str, address: dict[str, Any] | None) -> dict[str, Any]:
    unknown = dict.fromkeys(("verified_at", "valid_from", "valid_until"))
    point_id = str(UUID(int=chance.getrandbits(128), version=4))
    return {"id": point_id, "kind": kind, "value": value, "address": address, "primary": True, **unknown}


def _attributes(chance: random.Random) -> dict[str, Any]:
    return {
        "body_type": chance.choice(BODIES),
        "fuel": chance.choice(FUELS),
        "visits": chance.randrange(40), "newsletter": chance.random() < 0.5, "segment": chance.choice("ABCD"),
    }  # fmt: skip


def _interaction(
    chance: random.Random, customer: dict[str, Any], visibility: str, partner_id: UUID, code: str
) -> dict[str, Any]:
    at = customer["created_at"] + timedelta(seconds=chance.randrange(_TWO_YEARS))
    subject, is_ours = chance.choice(_SUBJECTS), visibility == "internal"
    body = _BODY.format(name=customer["display_name"], subject=subject)
    is_purchase = chance.random() < 0.2
    line = {"sku": "S-1", "name": "Sedan 1.5", "quantity": "1", "unit_price": "1250000", "unit_cost": None}
    return {
        "id": _id_at(chance, at), "customer_id": customer["id"], "partner_id": None if is_ours else partner_id,
        "partner": None if is_ours else code, "channel": chance.choice(("phone", "email", "web", "store")),
        "kind": "purchase" if is_purchase else chance.choice(("inquiry", "complaint", "service")),
        "direction": chance.choice(("in", "out")), "occurred_at": at, "subject": subject, "body": body,
        "outcome": "done", "agent": "Zeynep", "satisfaction": chance.randint(1, 5),
        "amount_value": Decimal(1_250_000) if is_purchase else None, "amount_currency": "TRY" if is_purchase else None,
        "cost_value": None, "cost_currency": None, "products": [line] if is_purchase else [], "visibility": visibility,
        "attributes": {}, "sources": {}, "search_key": search_key(subject, body), "origin": "", "version": 1,
        "created_at": at, "updated_at": at,
    }  # fmt: skip


def _id_at(chance: random.Random, at: datetime) -> UUID:
    """A UUIDv7 of that moment, as the product would have made it."""
    milliseconds, tail = int(at.timestamp() * 1000), chance.getrandbits(74)
    return UUID(int=(milliseconds << 80) | (7 << 76) | ((tail >> 62) << 64) | (2 << 62) | (tail & (2**62 - 1)))
