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
        "matters:read",
        "matters:write",
    }
)
_DESK = frozenset({"queues:read", "queues:work"})
_LOOKING = frozenset(
    {
        "consents:read",
        "customers:read",
        "events:read",
        "interactions:read",
        "matters:read",
        "partners:read",
        "queues:read",
        "sync:read",
        "webhooks:read",
    }
)
_MOVING = frozenset({"customers:import", "customers:export"})
_REFERRING = frozenset({"referrals:read", "referrals:write"})
_CLAIMING = frozenset({"claims:read", "claims:write"}) | _REFERRING
_DECIDING = frozenset({"claims:read", "claims:review"}) | _REFERRING
_MATCHING = frozenset({"identity:read", "identity:settle"})
_RIGHTS = frozenset({"rights:read", "rights:write"})
_TOLD = frozenset({"events:read", "rights:acknowledge", "webhooks:read", "webhooks:write"})

ROLES: dict[str, tuple[Channel, frozenset[str]]] = {
    "agent": (Channel.INTRANET, _RECORDS | _DESK),
    "steward": (
        Channel.INTRANET,
        _RECORDS
        | _DESK
        | _LOOKING
        | _MOVING
        | {"access:read", "audit:read", "sync:settle"}
        | _MATCHING
        | _RIGHTS
        | _DECIDING,
    ),
    "analyst": (Channel.INTRANET, _LOOKING),
    "admin": (
        Channel.INTRANET,
        _RECORDS
        | _DESK
        | _LOOKING
        | _MATCHING
        | _DECIDING
        | _MOVING
        | _RIGHTS
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
    "partner_admin": (Channel.EXTRANET, _RECORDS | _MOVING | _CLAIMING | _TOLD),
    "partner_staff": (Channel.EXTRANET, _RECORDS | _CLAIMING),
    "customer": (Channel.INTERNET, _RECORDS | {"access:read", "events:read", "rights:ask"}),
}


def scopes_of(role: str) -> frozenset[str]:
    """The scopes a role may be granted; none for an unknown role."""
    return ROLES[role][1] if role in ROLES else frozenset()
