"""What a comparison found, in words, English and Turkish."""

from __future__ import annotations

from typing import NamedTuple


class Said(NamedTuple):
    """One thing in both languages."""

    english: str
    turkish: str


FIELDS = {
    "given_name": Said("Given name", "Ad"),
    "family_name": Said("Family name", "Soyadı"),
    "generation": Said("Elder or younger", "Büyük ya da küçük (Jr.)"),
    "birth_date": Said("Birth date", "Doğum tarihi"),
    "tax_id": Said("Tax id", "Vergi ya da kimlik numarası"),
    "email": Said("E-mail", "E-posta"),
    "phone": Said("Phone", "Telefon"),
    "identifier": Said("Number in another system", "Başka sistemdeki numara"),
    "address": Said("Address", "Adres"),
    "organisation_name": Said("Name of the organisation", "Kurum adı"),
}
LEVELS = (
    Said("agrees", "aynı"),
    Said("is nearly the same", "neredeyse aynı"),
    Said("agrees partly", "kısmen aynı"),
    Said("differs", "farklı"),
    Said("is missing in one of them", "birinde yok"),
)
ALTERNATIVES = {
    "stranger": Said("two strangers", "birbirine yabancı iki kişi ya da kurum"),
    "relative": Said("two people of one household", "aynı evden iki kişi"),
    "twin": Said("twins", "ikizler"),
    "namesake": Said("father and son, or others of one name in a family", "aynı adı taşıyan baba oğul ya da akraba"),
    "sister": Said("sister companies", "kardeş şirketler"),
}


def sentence(field: str, level: int, bits: float) -> Said:
    """What one field says: "Birth date differs: speaks against (-5.6 bits)"."""
    name, found = FIELDS[field], LEVELS[level]
    leaning = _leaning(bits)
    return Said(
        f"{name.english} {found.english}: {leaning.english} ({bits:+.1f} bits).",
        f"{name.turkish} {found.turkish}: {leaning.turkish} ({bits:+.1f} bit).",
    )


def _leaning(bits: float) -> Said:
    if abs(bits) < 0.5:
        return Said("says little", "pek bir şey söylemiyor")
    strong = abs(bits) >= 5
    if bits > 0:
        return Said(
            "speaks strongly for one customer" if strong else "speaks for one customer",
            "aynı müşteri olduğunu güçlü biçimde gösteriyor" if strong else "aynı müşteri olduğunu gösteriyor",
        )
    return Said(
        "speaks strongly against" if strong else "speaks against",
        "farklı olduklarını güçlü biçimde gösteriyor" if strong else "farklı olduklarını gösteriyor",
    )
