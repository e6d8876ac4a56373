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
    """One partner of the distributor and its own system. `share` is its part of all customers."""

    code: str
    name: str
    city: str
    prefix: str
    share: float
    port_offset: int
    fields: tuple[str, ...]  # what its agreement grants beyond the usual fields
    quiet: bool = False
    connector: str = "rest"


DEALERS = (
    Dealer("eskisehir", "Eskişehir Oto", "Eskişehir", "ESK", 0.30, 1, ("birth_date",)),
    Dealer("ankara", "Başkent Otomotiv", "Ankara", "ANK", 0.30, 2, ()),
    Dealer("izmir", "Körfez Otomobil", "İzmir", "IZM", 0.24, 3, ("tax_id",)),
    Dealer("trabzon", "Trabzon Yıldız Oto", "Trabzon", "TRA", 0.16, 4, (), quiet=True),
)


def dealer(code: str) -> Dealer:
    """The dealer with this code, or KeyError."""
    return {each.code: each for each in DEALERS}[code]


@dataclass(frozen=True, slots=True)
class Client:
    """One OAuth client of the demo; `alg` is the signing algorithm of its private_key_jwt (RFC 7523)."""

    name: str
    channel: str
    auth: str
    grants: tuple[str, ...]
    scopes: tuple[str, ...]
    partner: str | None = None
    alg: str | None = None
    redirect_uris: tuple[str, ...] = ()


_READ_WRITE = ("customers:read", "customers:write", "interactions:read", "interactions:write")
_DEALER = (*_READ_WRITE, "webhooks:read", "webhooks:write")
_SERVICE = (*_DEALER, "sync:read", "sync:run", "partners:read")
_OWN_RECORD = ("openid", *_READ_WRITE, "offline_access")
_SIGN_IN = ("authorization_code", "refresh_token")
_ITSELF = ("client_credentials",)

CLIENTS = (
    Client("Eskişehir Oto DMS", "extranet", "private_key_jwt", _ITSELF, _DEALER, "eskisehir", "ES256"),
    Client("Başkent Otomotiv ERP", "extranet", "private_key_jwt", _ITSELF, _DEALER, "ankara", "PS256"),
    Client("Körfez Otomobil Entegrasyon", "extranet", "private_key_jwt", _ITSELF, _DEALER, "izmir", "EdDSA"),
    Client("Trabzon Yıldız Oto (eski sistem)", "extranet", "client_secret_basic", _ITSELF, _DEALER, "trabzon"),
    Client(
        "Müşteri Uygulaması",
        "internet",
        "none",
        _SIGN_IN,
        _OWN_RECORD,
        redirect_uris=("http://127.0.0.1:8765/callback",),
    ),
    Client(
        "Çağrı Merkezi Portalı",
        "intranet",
        "client_secret_basic",
        _SIGN_IN,
        ("openid", *_READ_WRITE, "offline_access"),
        redirect_uris=("http://127.0.0.1:8766/callback",),
    ),
    Client("Merkez Servisleri", "intranet", "client_secret_basic", _ITSELF, _SERVICE),
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
