"""An organisation's name without its legal form: what is said of it on the phone, and the form apart."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gateway.identity.reading.repair import letters

# A form's words follow one another; the kind it means stands first (Turkish Commercial Code 6102, art. 124, and peers).
_FORMS = (
    ("joint", "anonim sirketi|anonim sirket|anonim sti|a s|as|aktiengesellschaft|ag|s p a|spa|s a|sa|plc|inc"
              "|incorporated|corporation|corp|nv|n v|ab|asa|oyj|jsc|oao|pao"),
    ("limited", "limited sirketi|limited sirket|limited sti|ltd sti|ltd|limited|l t d s t i|gesellschaft mit"
                " beschrankter haftung|gmbh|g m b h|s r l|srl|sarl|s a r l|s l|sl|llc|l l c|bv|b v|ooo|oy|kft|sp z o o"
                "|pty"),
    ("partnership", "kollektif sirketi|kollektif sti|koll sti|komandit sirketi|komandit sti|kom sti|adi ortakligi"
                    "|is ortakligi|gmbh co kg|kg|ohg|gbr|lp|llp|snc"),
    ("cooperative", "kooperatifi|kooperatif|koop|eg"),
    ("association", "dernegi|dernek|vakfi|vakif|e v|ev"),
    ("single", "sahis firmasi|sahis isletmesi|e k"),
)  # fmt: skip
_KINDS = {form: kind for kind, forms in _FORMS for form in forms.split("|")}
_PATTERN = re.compile(r"(?<![^ ])(" + "|".join(sorted(map(re.escape, _KINDS), key=len, reverse=True)) + r")(?![^ ])")
# What nearly every name may carry and nobody says: industry and trade, their short forms, sirketi alone, and "and".
_FILLING_WORDS = """
    sanayi sanayii san ticaret ticareti tic ve and und et y sirketi sirket sti firmasi isletmesi the co company
    ithalat ihracat ith ihr pazarlama paz hizmetleri hizmet hiz grubu grup group holding turkiye tr
"""
_FILLING = frozenset(_FILLING_WORDS.split())
_SHORT = {
    "ins": "insaat", "tur": "turizm", "oto": "otomotiv", "otom": "otomotiv", "muh": "muhendislik", "tek": "tekstil",
    "teks": "tekstil", "gid": "gida", "loj": "lojistik", "nak": "nakliyat", "tas": "tasimacilik", "elek": "elektrik",
    "elk": "elektrik", "mak": "makina", "makine": "makina", "mob": "mobilya", "kim": "kimya", "tem": "temizlik",
    "guv": "guvenlik", "dan": "danismanlik", "bil": "bilisim", "dagitim": "dagitim", "dag": "dagitim", "tar": "tarim",
    "hayv": "hayvancilik", "ozel": "ozel", "med": "medikal", "ltdsti": "",
}  # fmt: skip


class OrganisationName(NamedTuple):
    """The folded words that tell one organisation from another, in their order, and the kind of its legal form."""

    core: tuple[str, ...]
    form: str


@lru_cache(maxsize=16_384)
def read_organisation(name: str) -> OrganisationName:
    """What an organisation's name means; one that is nothing but filling keeps it."""
    spaced = " ".join(letters(name))
    found = _PATTERN.findall(spaced)
    bare = _PATTERN.sub(" ", spaced).split() or spaced.split()
    core = tuple(_SHORT.get(word, word) for word in bare if word not in _FILLING and _SHORT.get(word, word))
    return OrganisationName(core or tuple(bare), _KINDS[found[-1]] if found else "")
