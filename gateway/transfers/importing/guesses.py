"""What the columns of a file probably mean, by their names in Turkish or English."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.transfers.importing.targets import is_repeatable, is_target
from gateway.turkish import fold

_NAMES = {
    "given_name": "ad|adi|isim|musteri adi|first name|given name|forename",
    "family_name": "soyad|soyadi|soyisim|last name|family name|surname",
    "full_name": "ad soyad|adi soyadi|ad soyadi|isim soyisim|ad ve soyad|full name|name|customer name|display name",
    "organisation_name": "unvan|unvani|firma|firma adi|firma unvani|ticari unvan|sirket|sirket adi|kurum|kurum adi|"
    "company|company name|organisation|organization|organisation name",
    "kind": "tur|turu|musteri turu|musteri tipi|tip|tipi|type|customer type",
    "birth_date": "dogum tarihi|d tarihi|dogum gunu|birth date|date of birth|birthday|birthdate|dob",
    "tax_id": "tckn|tc|tc no|tc kimlik|tc kimlik no|t c kimlik no|kimlik no|vkn|vergi no|vergi numarasi|"
    "vergi kimlik no|vergi kimlik numarasi|tckn vkn|vkn tckn|tax id|tax no|tax number|national id",
    "status": "durum|durumu|state",
    "locale": "dil|dili|language",
    "owner": "temsilci|musteri temsilcisi|sorumlu|account owner",
    "internal_note": "not|notu|notlar|aciklama|note|notes",
    "email": "e posta|eposta|eposta adresi|e posta adresi|mail|mail adresi|e mail|email address",
    "phone": "telefon|telefon no|telefon numarasi|tel|tel no|cep|cep tel|cep telefonu|gsm|gsm no|ev telefonu|"
    "is telefonu|mobile|mobile phone|phone number|telephone|cell",
    "address.line1": "adres|adresi|acik adres|adres 1|address|street|address 1|address line 1|line1",
    "address.line2": "adres 2|mahalle|address 2|address line 2|line2",
    "address.district": "ilce|ilcesi|semt|district|county|town",
    "address.city": "il|ili|sehir|sehri|city|province",
    "address.region": "bolge|region",
    "address.postal_code": "posta kodu|pk|zip|zip code|postal code|postcode",
    "address.country": "ulke|ulke kodu|country|country code",
}
_BY_NAME = {name: target for target, names in _NAMES.items() for name in names.split("|")}
_NUMBERED = re.compile(r" \d{1,2}\Z")


def guess(columns: Sequence[str], writable: frozenset[str]) -> dict[str, str | None]:
    """A target for each column that seems to have one, of those that may be written; only lists get it twice."""
    taken: set[str] = set()
    guessed: dict[str, str | None] = {}
    for column in columns:
        target = _meant(column)
        is_usable = target is not None and is_target(target, writable) and target not in taken
        guessed[column] = target if is_usable else None
        if is_usable and target is not None and not is_repeatable(target):
            taken.add(target)
    return guessed


def _meant(column: str) -> str | None:
    if is_target(column.strip(), None):
        return column.strip()
    plain = " ".join(re.findall(r"[a-z0-9]+", fold(column)))
    found = _BY_NAME.get(plain) or _BY_NAME.get(_NUMBERED.sub("", plain))
    return found or (plain if is_target(plain, None) else None)
