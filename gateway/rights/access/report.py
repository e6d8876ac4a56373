"""An answer as a page to read: one file without scripts or anything fetched, in Turkish and English."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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


_AT_ONCE = 200
Told = tuple[dict[str, str], int, Iterable[dict[str, Any]]]


def written(sections: Iterable[Told], made_at: str) -> Iterator[bytes]:
    """The page part by part, of titles, numbers of records and these; every value in it is escaped."""
    page = _PAGE.stream(sections=sections, made_at=made_at, turkish=_TURKISH)
    page.enable_buffering(_AT_ONCE)
    return (part.encode() for part in page)
