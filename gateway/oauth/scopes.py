"""Every scope: what it allows, in English and Turkish, and the channels on which it exists."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.channels import DOORS, Channel


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing a token may allow; the sentences are shown on the consent page and in the documentation."""

    name: str
    sentence: str
    turkish: str
    channels: tuple[Channel, ...]


_PARTNERS_AND_STAFF = (Channel.EXTRANET, Channel.INTRANET)
_STAFF = (Channel.INTRANET,)

SCOPES: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        Scope("customers:read", "See customer records.", "Müşteri kayıtlarını görmek.", DOORS),
        Scope("customers:write", "Add and change customer records.", "Müşteri kaydı eklemek ve değiştirmek.", DOORS),
        Scope("customers:import", "Import files of customers.", "Dosyadan müşteri aktarmak.", _PARTNERS_AND_STAFF),
        Scope("customers:export", "Export customers.", "Müşterileri dosyaya aktarmak.", _PARTNERS_AND_STAFF),
        Scope("claims:read", "See claims to customers.", "Müşteri hak taleplerini görmek.", _PARTNERS_AND_STAFF),
        Scope("claims:write", "Claim customers.", "Müşteriler üzerinde hak talep etmek.", (Channel.EXTRANET,)),
        Scope("claims:review", "Decide claims to customers.", "Müşteri hak taleplerine karar vermek.", _STAFF),
        Scope("referrals:read", "See referrals.", "Müşteri yönlendirmelerini görmek.", _PARTNERS_AND_STAFF),
        Scope(
            "referrals:write",
            "Offer customers, and answer offers.",
            "Müşteri yönlendirmek ve yönlendirmeleri yanıtlamak.",
            _PARTNERS_AND_STAFF,
        ),
        Scope("attributes:write", "Declare attributes of customers.", "Müşteri alanları tanımlamak.", _STAFF),
        Scope("interactions:read", "See interactions with customers.", "Müşterilerle görüşmeleri görmek.", DOORS),
        Scope("interactions:write", "Record and change interactions.", "Görüşme kaydetmek ve değiştirmek.", DOORS),
        Scope(
            "webhooks:read",
            "See webhook endpoints and their deliveries.",
            "Web kancası uçlarını ve teslimlerini görmek.",
            _PARTNERS_AND_STAFF,
        ),
        Scope(
            "webhooks:write",
            "Add, change and remove webhook endpoints.",
            "Web kancası uçları eklemek, değiştirmek ve kaldırmak.",
            _PARTNERS_AND_STAFF,
        ),
        Scope("events:read", "Read events as they happen.", "Olayları oldukça okumak.", DOORS),
        Scope(
            "events:write",
            "Register types of events and publish events.",
            "Olay türü tanımlamak ve olay yayımlamak.",
            _STAFF,
        ),
        Scope("consents:read", "See what customers agreed to.", "Müşterilerin izinlerini görmek.", DOORS),
        Scope("consents:write", "Record what customers agree to.", "Müşteri izni kaydetmek.", DOORS),
        Scope("consents:configure", "Set rules of contact.", "İletişim kurallarını belirlemek.", _STAFF),
        Scope("consents:send", "Send requests for consent.", "İzin isteklerini göndermek.", _STAFF),
        Scope("matters:read", "See what customers want settled.", "Müşteri taleplerini görmek.", DOORS),
        Scope("matters:write", "Open and work on matters.", "Müşteri talebi açmak ve işlemek.", DOORS),
        Scope("queues:read", "See queues and their work.", "İş kuyruklarını görmek.", _STAFF),
        Scope("queues:work", "Take and do work in queues.", "Kuyruktaki işleri yapmak.", _STAFF),
        Scope("desk:configure", "Set up queues and dispositions.", "Kuyruk ve sonuç kodlarını belirlemek.", _STAFF),
        Scope("identity:read", "See who may be one customer.", "Aynı olabilecek müşterileri görmek.", _STAFF),
        Scope("identity:settle", "Say who is one customer.", "Aynı müşterilere karar vermek.", _STAFF),
        Scope("sync:read", "See sync links and runs.", "Eşitlemeleri görmek.", _STAFF),
        Scope("sync:run", "Start and stop sync runs.", "Eşitleme başlatmak ve durdurmak.", _STAFF),
        Scope("sync:settle", "Settle conflicts of syncs.", "Eşitleme çelişkilerini çözmek.", _STAFF),
        Scope("sync:write", "Add and change sync links.", "Eşitleme bağlantısı eklemek ve değiştirmek.", _STAFF),
        Scope("partners:read", "See partners and their agreements.", "İş ortaklarını görmek.", _STAFF),
        Scope("partners:write", "Add and change partners.", "İş ortağı eklemek ve değiştirmek.", _STAFF),
        Scope(
            "access:read",
            "See who was shown personal data, and who was sent it.",
            "Kişisel verileri kimin gördüğünü ve kime gönderildiğini görmek.",
            (Channel.INTERNET, Channel.INTRANET),
        ),
        Scope("rights:ask", "Ask about one's own data.", "Kişisel verileri için başvurmak.", (Channel.INTERNET,)),
        Scope("rights:read", "See requests about personal data.", "Kişisel veri başvurularını görmek.", _STAFF),
        Scope("rights:write", "Answer requests about personal data.", "Kişisel veri başvurularını yanıtlamak.", _STAFF),
        Scope(
            "rights:acknowledge",
            "See erasures, and say that they were done.",
            "Silmeleri görmek ve yapıldığını bildirmek.",
            (Channel.EXTRANET,),
        ),
        Scope("audit:read", "Read the audit trail.", "Denetim izini okumak.", _STAFF),
    )
}

# On the internet it is one's own alone, and who allows it is to read that: English, Turkish.
_ONES_OWN = {
    "access:read": (
        "See who was shown your data, and who was sent it.",
        "Verilerinizi kimin gördüğünü ve kime gönderildiğini görmek.",
    ),
    "consents:read": ("See what you agreed to.", "Verdiğiniz izinleri görmek."),
    "consents:write": ("Give and withdraw consent for you.", "Sizin adınıza izin vermek ve izni geri almak."),
    "customers:read": ("See your customer record.", "Müşteri kaydınızı görmek."),
    "customers:write": ("Change your customer record.", "Müşteri kaydınızı değiştirmek."),
    "events:read": ("Read what happens with your record.", "Kaydınızla ilgili olayları okumak."),
    "interactions:read": ("See what was spoken with you.", "Sizinle yapılan görüşmeleri görmek."),
    "interactions:write": ("Write to us for you.", "Sizin adınıza bize yazmak."),
    "matters:read": ("See what you asked us to settle.", "Bize ilettiğiniz talepleri görmek."),
    "matters:write": ("Ask us to settle something for you.", "Sizin adınıza talep açmak ve talebe eklemek."),
    "rights:ask": (
        "Ask for your data to be shown, corrected, restricted or erased.",
        "Verilerinizin gösterilmesini, düzeltilmesini, kısıtlanmasını veya silinmesini istemek.",
    ),
}


def sentence_of(name: str, channel: Channel, *, is_turkish: bool) -> str:
    """What a scope allows on this channel, for whoever is asked to allow it."""
    scope = SCOPES[name]
    is_own = channel is Channel.INTERNET
    return (_ONES_OWN[name] if is_own else (scope.sentence, scope.turkish))[is_turkish]


def scopes_on(channel: Channel) -> frozenset[str]:
    """The scopes that exist on a channel."""
    return frozenset(name for name, scope in SCOPES.items() if channel in scope.channels)
