"""What is set up once the demo's world is there: two words on one family name, and a dealer that listens."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from demo import ears, staff
from demo.load import address, data_folder, link_name, system_headers
from demo.world import DEALERS, Dealer, dealer
from gateway.channels import Caller, Channel
from gateway.customers import search
from gateway.customers import service as customers
from gateway.db import Transaction
from gateway.partners import service as partners
from gateway.partners.models import Partner
from gateway.sync import service as sync
from gateway.webhooks.endpoints import service as endpoints

_EAR = "Bayi sistemi"
DISPUTED = ("eskisehir", "ESK-000004")
AT_DEALER, IN_HUB = "Can Özdoğan", "Canoğlu"


def open_conflict(tx: Transaction, var: Path, port: int) -> None:
    """Have the dealer and the hub change a family name at the same time, and a run that finds out.

    A dealer that does not answer costs the scene, not the start.
    """
    code, external_id = DISPUTED
    each = dealer(code)
    link = sync.find_link(tx, link_name(each))
    record_id = sync.record_known_as(tx, link.id, "customers", external_id) if link else None
    if link is None or record_id is None:
        return
    with suppress(staff.SystemDown, sync.RunActive):
        place, body = f"/customers/{external_id}", {"family_name": AT_DEALER}
        staff.ask(address(each, port), system_headers(var, each), "PATCH", place, body)
        version = search.get(tx, record_id, ("version",))["version"]
        customers.change(tx, record_id, {"family_name": IN_HUB}, version)
        sync.start_run(tx, link.id)


def listeners(tx: Transaction) -> list[tuple[Dealer, Caller]]:
    """The dealers that are told of changes, each as it calls itself."""
    found = [(each, partners.find(tx, each.code)) for each in DEALERS if each.listens]
    return [(each, _itself(partner)) for each, partner in found if partner]


def open_ear(tx: Transaction, each: Dealer, var: Path, port: int) -> None:
    """Have a dealer, in whose name this transaction is, told of changes; it may be at another port than last time."""
    url = f"{address(each, port)}{ears.PATH}"
    known = next((one for one in endpoints.list_endpoints(tx) if one.description == _EAR), None)
    if known is None:
        endpoints.register(tx, url, ["customer.*"], _EAR, secret=ears.secret_for(data_folder(var), each.code))
    elif known.url != url:
        endpoints.change(tx, known.id, {"url": url}, known.version)


def _itself(partner: Partner) -> Caller:
    caller = Caller.system("demo")
    granted = frozenset(partner.granted_fields)
    return replace(
        caller, channel=Channel.EXTRANET, partner_id=partner.id, partner=partner.code, granted_fields=granted
    )
