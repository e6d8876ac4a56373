"""What waits for a steward when the demo is new: one customer, two words on its family name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from demo import staff
from demo.load import address, link_name, system_headers
from demo.world import dealer
from gateway.customers import search
from gateway.customers import service as customers
from gateway.db import Transaction
from gateway.sync import service as sync

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
