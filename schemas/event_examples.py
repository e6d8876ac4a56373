"""Examples of what events tell, whole as the inside sees them; nobody in them exists."""

from __future__ import annotations

from typing import Any

_WHO, OTHER = "01936f2a-7c1e-7b52-9d0e-3f6b8a1c2d4e", "01936f29-1b7d-7c40-8e3a-6d5f4c3b2a19"
WHEN, _THEN = "2026-03-02T09:15:00Z", "2026-01-12T11:40:00Z"

ERASED: dict[str, Any] = {"id": _WHO, "erasure_id": OTHER, "customer_ids": [_WHO], "due_at": WHEN}
CUSTOMER: dict[str, Any] = {
    "id": _WHO,
    "kind": "person",
    "display_name": "Işıl Öğütçü",
    "given_name": "Işıl",
    "family_name": "Öğütçü",
    "organisation_name": None,
    "birth_date": "1987-04-23",
    "tax_id": "17291716060",
    "status": "active",
    "locale": "tr-TR",
    "contact_points": [
        {
            "id": "01936f2a-7c1e-7d11-8a55-0c9b7e6f5a43",
            "kind": "email",
            "value": "isil@example.com",
            "address": None,
            "primary": True,
            "verified_at": _THEN,
            "valid_from": None,
            "valid_until": None,
        }
    ],
    "identifiers": [{"system": "erp", "value": "C-1042"}],
    "attributes": {"body_type": "sedan"},
    "owner": "çağrı-merkezi",
    "internal_note": "Yeni sedanı çok beğendi",
    "version": 3,
    "created_at": _THEN,
    "updated_at": WHEN,
}
INTERACTION: dict[str, Any] = {
    "id": "01936f2b-0d4c-7a3f-b1c2-5e7d9f80a1b2",
    "customer_id": _WHO,
    "partner": "eskisehir",
    "channel": "store",
    "kind": "offer",
    "direction": "out",
    "occurred_at": WHEN,
    "subject": "Sedan için teklif",
    "body": "Işıl Hanım kırmızı sedanı denedi; teklif verildi.",
    "outcome": "düşünüyor",
    "agent": "Satış 3",
    "satisfaction": 5,
    "amount": {"value": "1250000.00", "currency": "TRY"},
    "cost": {"value": "1100000.00", "currency": "TRY"},
    "products": [
        {"sku": "S-1", "name": "Sedan", "quantity": "1", "unit_price": "1250000.00", "unit_cost": "1100000.00"}
    ],
    "visibility": "shared",
    "attributes": {},
    "version": 1,
    "created_at": WHEN,
    "updated_at": WHEN,
}
CONSENT: dict[str, Any] = {
    "id": "01936f2f-2a3b-7c4d-8e5f-6a7b8c9d0e1f",
    "customer_id": _WHO,
    "purpose": "marketing",
    "channel": "email",
    "contact_point": None,
    "decision": "withdrawn",
    "audience": "all",
    "said_at": WHEN,
    "valid_until": None,
}
RESTRICTION: dict[str, Any] = {
    "id": "01936f2f-4b5c-7d6e-8f70-8192a3b4c5d6",
    "customer_id": _WHO,
    "since": WHEN,
    "lift_at": None,
    "lifted_at": None,
}
CLAIM: dict[str, Any] = {
    "id": "01936f31-4c5d-7e6f-8071-8c9d0e1f2a3b",
    "scope": "sedan",
    "status": "submitted",
    "reason": None,
    "submitted_at": _THEN,
    "answer_by": WHEN,
    "decided_at": None,
    "protected_until": None,
    "version": 2,
}
REFERRAL: dict[str, Any] = {
    "id": "01936f32-5d6e-7f70-9182-9d0e1f2a3b4c",
    "scope": "sedan",
    "status": "offered",
    "offered_at": _THEN,
    "answer_by": WHEN,
    "answered_at": None,
    "ended_at": None,
    "version": 1,
}
CONFIRMATION: dict[str, Any] = {
    "id": "01936f30-3b4c-7d5e-9f60-7b8c9d0e1f2a",
    "customer_id": _WHO,
    "contact_point": "01936f2a-7c1e-7d11-8a55-0c9b7e6f5a43",
    "contact_value": "isil@example.com",
    "channel": "email",
    "purpose": "marketing",
    "partner": "eskisehir",
    "locale": "tr-TR",
    "texts": {
        "tr": {"subject": "İzninizi onaylayın", "body": "Onaylamak için: {link}"},
        "en": {"subject": "Confirm your consent", "body": "To confirm: {link}"},
    },
    "expires_at": "2026-03-09T09:15:00Z",
}
RUN: dict[str, Any] = {
    "id": "01936f2c-41aa-7e90-8b7c-1d2e3f405162",
    "link_id": "01936f2c-3000-7c01-9f00-aabbccddeeff",
    "mode": "normal",
    "status": "failed",
    "error": "Bayinin sistemi 401 yanıtı verdi.",
    "streams": {"customers": {"read": 120, "created": 3}},
    "started_at": _THEN,
    "finished_at": WHEN,
}
MATTER: dict[str, Any] = {
    "id": "01936f2c-7a1b-7e20-8f31-a2b3c4d5e6f7",
    "number": "482917305642",
    "customer_id": _WHO,
    "partner": "eskisehir",
    "subject": "Teslimat gecikti",
    "description": "Işıl Hanım'a söz verilen gün geçti.",
    "kind": "complaint",
    "status": "solved",
    "service_point": "call_centre",
    "opened_at": _THEN,
    "first_responded_at": _THEN,
    "solved_at": WHEN,
    "closed_at": None,
    "version": 4,
    "updated_at": WHEN,
    "priority": "high",
    "first_response_due_at": WHEN,
    "due_at": WHEN,
    "owner": "user:zeynep",
    "queue_id": "01936f2c-1d2e-7b30-9a41-c5d6e7f80912",
    "internal": False,
    "opened_by": "user:zeynep",
    "escalated_at": None,
    "reopened": 0,
}
LINK: dict[str, Any] = {
    "id": "01936f2c-3000-7c01-9f00-aabbccddeeff",
    "name": "Eskişehir bayisi",
    "connector": "rest",
    "status": "active",
    "paused_reason": None,
    "circuit": "closed",
    "circuit_until": None,
}

ENDPOINT: dict[str, Any] = {
    "id": "01936f2e-1f2a-7d90-8c11-2b3c4d5e6f70",
    "url": "https://bayi.example/kopru",
    "status": "disabled",
    "disabled_reason": "the address answered 410 Gone",
}
MESSAGE: dict[str, Any] = {
    "endpoint_id": ENDPOINT["id"],
    "url": ENDPOINT["url"],
    "event_id": "01936f2d-5b7a-7c3e-a1f0-9d8c7b6a5940",
    "event_type": "customer.updated",
    "attempts": 10,
    "http_status": 503,
    "error": "http_status",
}
