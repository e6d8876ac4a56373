"""What was recorded of a person's dealings with us goes with the person."""

from __future__ import annotations

from gateway.customers import erasing

erasing.register(erasing.Rows("interactions"), order=2)  # what is kept of each is found by it
