"""What happens at the very moment when a partner's share ends."""

from __future__ import annotations

import threading
from typing import Any

from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.interactions import service as interactions
from gateway.webhooks import fanout
from tests.conftest import Cast
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver

SYSTEM = Caller.system("test")


def test_interaction_recorded_while_the_share_ends_is_not_told_after_it(
    cast: Cast, receiver: Receiver, register: Register, deliver: Deliver
) -> None:
    register(cast.eskisehir)
    said: dict[str, Any] = {"channel": "store", "kind": "inquiry", "direction": "in", "subject": "Işıltılı gümüş"}

    def record() -> None:
        with transaction(SYSTEM) as tx:
            interactions.create(tx, {"customer_id": cast.cem_id, **said, "visibility": "shared"})

    late = threading.Thread(target=record)
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
        late.start()
        late.join(0.5)
    late.join()
    for _ in range(20):
        with transaction(SYSTEM) as tx:
            fanout.fan_out(tx, limit=1)
    deliver()
    assert [message.event_type for message in receiver.messages] == ["customer.unshared"]
