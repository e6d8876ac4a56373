"""What each role may be granted, and the channel it belongs to."""

from __future__ import annotations

from gateway.channels import Channel

_RECORDS = frozenset(
    {
        "consents:read",
        "consents:write",
        "customers:read",
        "customers:write",
        "interactions:read",
        "interactions:write",
    }
)
_DESK = frozenset({"queues:read", "queues:work"})
_LOOKING = frozenset(
    {
        "consents:read",
        "customers:read",
        "events:read",
        "interactions:read",
        "partners:read",
        "queues:read",
        "sync:read",
        "webhooks:read",
    }
)
_MOVING = frozenset({"customers:import", "customers:export"})
_MATCHING = frozenset({"identity:read", "identity:settle"})

ROLES: dict[str, tuple[Channel, frozenset[str]]] = {
    "agent": (Channel.INTRANET, _RECORDS | _DESK),
    "steward": (Channel.INTRANET, _RECORDS | _DESK | _LOOKING | _MOVING | {"access:read", "audit:read", "sync:settle"} | _MATCHING),
    "analyst": (Channel.INTRANET, _LOOKING),
    "admin": (
        Channel.INTRANET,
        _RECORDS
        | _DESK
        | _LOOKING
        | _MATCHING
        | _MOVING
        | {"attributes:write"}
        | {
            "access:read",
            "audit:read",
            "consents:configure",
            "consents:send",
            "desk:configure",
            "events:write",
            "sync:run",
            "sync:settle",
            "sync:write",
            "webhooks:write",
            "partners:write",
        },
    ),
    "partner_admin": (Channel.EXTRANET, _RECORDS | _MOVING | {"events:read", "webhooks:read", "webhooks:write"}),
    "partner_staff": (Channel.EXTRANET, _RECORDS),
    "customer": (Channel.INTERNET, _RECORDS | {"events:read", "access:read"}),
}


def scopes_of(role: str) -> frozenset[str]:
    """The scopes a role may be granted; none for an unknown role."""
    return ROLES[role][1] if role in ROLES else frozenset()
