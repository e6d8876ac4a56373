"""What a dealer's own staff typed wrong: records that no other system can take over until they are corrected there."""

from demo.records import Record

_CALL: Record = {"channel": "phone", "kind": "inquiry", "direction": "in", "visibility": "shared"}

SPOILED: dict[str, tuple[Record, ...]] = {
    "eskisehir": (
        {**_CALL, "customer_external_id": "ESK-000002", "occurred_at": "31.02.2026 14:30", "subject": "Takas"},
        {**_CALL, "customer_external_id": "ESK-000003", "channel": "telgraf", "subject": "Stok durumu"},
        {**_CALL, "customer_external_id": "ESK-000005", "satisfaction": 11, "subject": "Periyodik bakım sonrası arama"},
    ),
}
"""By dealer, interactions that break the agreed shape: a day that never was, a channel nobody knows, 11 of 5 stars."""
