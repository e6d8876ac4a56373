"""What `/metrics` shows of the traffic with partners, by link."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter("kopru_partner_requests_total", "Requests sent to partners' systems", ["link", "outcome"])
SECONDS = Histogram(
    "kopru_partner_request_seconds",
    "Seconds a partner's system took to answer",
    ["link"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60),
)
HELD_BACK = Counter("kopru_partner_held_back_total", "Requests put off: budget, the partner's wish, circuit", ["link"])
RECEIVED = Counter("kopru_hooks_total", "Deliveries that came to our door", ["outcome"])


def outcome_of(status: int | None) -> str:
    """`2xx` to `5xx`, or `none` where nothing came back."""
    return "none" if status is None else f"{status // 100}xx"
