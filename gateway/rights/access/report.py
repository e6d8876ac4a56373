"""An answer as a page to read: one file without scripts or anything fetched, in Turkish and English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.customers.telling import Section

_FOLDER = Path(__file__).parents[2] / "pages"
_PAGE = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined).get_template(
    "access_report.html"
)
_TURKISH = {
    "id": "numara", "kind": "tür", "display_name": "ad", "given_name": "ad", "family_name": "soyad",
    "organisation_name": "unvan", "birth_date": "doğum tarihi", "tax_id": "TCKN / VKN", "status": "durum",
    "locale": "dil", "contact_points": "iletişim bilgileri", "identifiers": "başka numaralar",
    "attributes": "özellikler", "created_at": "oluşturulma", "updated_at": "değişme", "value": "değer",
    "address": "adres", "city": "şehir", "sources": "kaynak", "partner": "iş ortağı", "organisation": "kuruluş",
    "channel": "kanal", "direction": "yön", "occurred_at": "zaman", "subject": "konu", "body": "metin",
    "outcome": "sonuç", "purpose": "amaç", "decision": "karar", "said_at": "beyan zamanı", "what": "ne", "way": "yol",
    "first_at": "ilk", "last_at": "son", "times": "kaç kez", "role": "görev", "at": "zaman", "action": "işlem",
    "note": "not", "reason": "gerekçe", "by": "kim", "number": "sayı", "username": "kullanıcı adı",
}  # fmt: skip


def written(sections: list[tuple[Section, list[dict[str, Any]]]], made_at: str) -> bytes:
    """The page; every value in it is escaped."""
    told = [(section.titles, rows) for section, rows in sections]
    return _PAGE.render(sections=told, made_at=made_at, turkish=_TURKISH).encode()
