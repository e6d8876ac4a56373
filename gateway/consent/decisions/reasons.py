"""Why a contact may not be, in words that never tell who else has a part in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

_SENTENCES = {
    "restricted": (
        "The customer's record is restricted: nobody may contact them.",
        "Müşterinin kaydı kısıtlıdır: kimse iletişim kuramaz.",
    ),
    "not_shared": (
        "The customer is not shared with this partner.",
        "Müşteri bu iş ortağıyla paylaşılmamıştır.",
    ),
    "not_agreed": (
        "The customer is not shared with this partner for this purpose.",
        "Müşteri bu iş ortağıyla bu amaç için paylaşılmamıştır.",
    ),
    "no_such_contact_point": (
        "The customer has no such contact point for this channel, or it is not valid then.",
        "Müşterinin bu kanal için böyle bir iletişim noktası yoktur ya da o sırada geçerli değildir.",
    ),
    "no_contact_point": (
        "The customer has no contact point for this channel.",
        "Müşterinin bu kanal için iletişim noktası yoktur.",
    ),
    "withdrawn": (
        "The customer does not want this.",
        "Müşteri bunu istemiyor.",
    ),
    "no_consent": (
        "The customer has not agreed to this, and it needs their consent.",
        "Müşterinin onayı gereklidir ve onay verilmemiştir.",
    ),
    "quiet_hours": (
        "These are quiet hours.",
        "Sessiz saatlerdir.",
    ),
    "cap_reached": (
        "The customer has been contacted as often as they may be.",
        "Müşteriyle izin verilen en çok sayıda iletişim kurulmuştur.",
    ),
}


class Reason(NamedTuple):
    """One thing that stands against a contact, and when it ends by itself."""

    code: str
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Its wire form, in both languages."""
        english, turkish = _SENTENCES[self.code]
        return {"code": self.code, "sentence": english, "turkish": turkish, "until": self.until}
