"""What a person agreed to goes with the person: nobody may contact whom nobody knows."""

from __future__ import annotations

from gateway.customers import erasing

for table in ("consent_statements", "consent_confirmations", "contact_preferences", "contact_reservations"):
    erasing.register(erasing.Rows(table))
