"""The demo declared as data: dealers, OAuth clients and people who sign in. A loader turns it into rows.

Nothing secret stands here: passwords, client secrets and keys are made when the demo is loaded.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

SEED = 1923
CUSTOMERS = 5_000
INTERACTIONS = 40_000

DEMO_DATE = date(2026, 11, 1)
"""The day on which the generated world is looked at: ages are counted from it and no record is younger."""

IMPORTED_AT = datetime(2025, 6, 1, 6, 0, tzinfo=UTC)
"""When the dealers moved to their present systems: older customers carry this one time, on more than a page of 200."""


@dataclass(frozen=True, slots=True)
class Dealer:
    """One partner of the distributor and its own system.

    `share` is its part of all customers; every `down_every` seconds its system is down for a while; one that `knocks`
    tells of its own changes by signed webhooks, one that `listens` is told of ours in the same way. `nightly` is the
    hour of a full run. A `desk` is a second system of the dealer's, which only knows files.
    """

    code: str
    name: str
    city: str
    prefix: str
    share: float
    port_offset: int
    fields: tuple[str, ...]  # what its agreement grants beyond the usual fields
    quiet: bool = False
    connector: str = "rest"
    down_every: float | None = None
    knocks: bool = False
    listens: bool = False
    nightly: str | None = None
    desk: str | None = None


DEALERS = (
    Dealer("eskisehir", "Eskişehir Oto", "Eskişehir", "ESK", 0.30, 1, ("birth_date",), nightly="30 3 * * *"),
    Dealer("ankara", "Başkent Otomotiv", "Ankara", "ANK", 0.30, 2, (), knocks=True),
    Dealer(
        "izmir",
        "Körfez Otomobil",
        "İzmir",
        "IZM",
        0.24,
        3,
        ("tax_id",),
        down_every=1_200.0,
        desk="Körfez Otomobil Servis",
    ),
    Dealer("trabzon", "Trabzon Yıldız Oto", "Trabzon", "TRA", 0.16, 4, (), quiet=True, listens=True),
)


def dealer(code: str) -> Dealer:
    """The dealer with this code, or KeyError."""
    return {each.code: each for each in DEALERS}[code]


@dataclass(frozen=True, slots=True)
class Client:
    """One OAuth client of the demo, which may ask for whatever its channel offers.

    `alg` is the signing algorithm of its private_key_jwt (RFC 7523).
    """

    client_id: str
    name: str
    channel: str
    auth: str
    grants: tuple[str, ...]
    partner: str | None = None
    alg: str | None = None
    redirect_uris: tuple[str, ...] = ()


_SIGN_IN = ("authorization_code", "refresh_token")
_ITSELF = ("client_credentials",)
_SIGNED, _SECRET, _PUBLIC = "private_key_jwt", "client_secret_basic", "none"
_APP = ("http://127.0.0.1:8765/callback",)
_INSIDE = ("http://127.0.0.1:8766/callback",)
_OUTSIDE = ("http://127.0.0.1:8767/callback",)

CLIENTS = (
    Client("eskisehir-dms", "Eskişehir Oto DMS", "extranet", _SIGNED, _ITSELF, "eskisehir", "ES256"),
    Client("ankara-erp", "Başkent Otomotiv ERP", "extranet", _SIGNED, _ITSELF, "ankara", "PS256"),
    Client("izmir-crm", "Körfez Otomobil CRM", "extranet", _SIGNED, _ITSELF, "izmir", "EdDSA"),
    Client("trabzon-legacy", "Trabzon Yıldız Oto (eski)", "extranet", _SECRET, _ITSELF, "trabzon"),
    Client("eskisehir-portal", "Bayi Portalı", "extranet", _PUBLIC, _SIGN_IN, "eskisehir", redirect_uris=_OUTSIDE),
    Client("customer-app", "Müşteri Uygulaması", "internet", _PUBLIC, _SIGN_IN, redirect_uris=_APP),
    Client("staff-portal", "Çalışan Portalı", "intranet", _SECRET, _SIGN_IN, redirect_uris=_INSIDE),
    Client("head-office", "Merkez Servisleri", "intranet", _SECRET, _ITSELF),
)


@dataclass(frozen=True, slots=True)
class User:
    """One person who signs in; a customer is named by the dealer's own record of it."""

    username: str
    name: str
    channel: str
    role: str
    partner: str | None = None
    customer: tuple[str, str] | None = None  # (dealer's code, external id)


CEM = ("eskisehir", "ESK-000001")

USERS = (
    User("ayse.agent", "Ayşe Gündoğan", "intranet", "agent"),
    User("selim.steward", "Selim Kırlangıç", "intranet", "steward"),
    User("ilknur.analyst", "İlknur Şenyuva", "intranet", "analyst"),
    User("tugba.admin", "Tuğba Ağaoymak", "intranet", "admin"),
    User("eskisehir.admin", "Oğuz Çınaraltı", "extranet", "partner_admin", partner="eskisehir"),
    User("eskisehir.staff", "Işıl Değirmenci", "extranet", "partner_staff", partner="eskisehir"),
    User("ankara.admin", "Şule İğdeci", "extranet", "partner_admin", partner="ankara"),
    User("cem@example.com", "Cem Işıldağ", "internet", "customer", customer=CEM),
)
