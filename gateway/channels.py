"""The three doors and whoever stands in one of them: the caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID


class Channel(StrEnum):
    """A door of the gateway; `SYSTEM` is the gateway's own background work and never a door."""

    INTERNET = "internet"
    EXTRANET = "extranet"
    INTRANET = "intranet"
    SYSTEM = "system"


DOORS = (Channel.INTERNET, Channel.EXTRANET, Channel.INTRANET)
# Why somebody looks at personal data: what the header `Kopru-Purpose` may say, and what holds where it says nothing.
PURPOSES = ("service", "sales", "marketing", "complaint", "contract", "legal", "security", "analysis", "data_quality")
_USUAL_PURPOSES = {"steward": "data_quality", "analyst": "analysis", "admin": "security"}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is calling, through which door, and what they were granted.

    `granted_fields` are the extra fields of the partner's agreement; `quota` is (requests, seconds) or None for the
    installation's default; `address` and `request_id` say from where and in which request, for the audit trail;
    `trace` is the W3C traceparent to pass on with whatever the call sets off.
    """

    channel: Channel
    client_id: str = ""
    scopes: frozenset[str] = frozenset()
    user_id: UUID | None = None
    username: str = ""
    role: str = ""
    partner_id: UUID | None = None
    partner: str = ""
    granted_fields: frozenset[str] = frozenset()
    customer_id: UUID | None = None
    quota: tuple[int, int] | None = None
    address: str = ""
    request_id: str = ""
    purpose: str = ""
    origin: str = field(default="", compare=False)
    trace: str = field(default="", compare=False)

    @classmethod
    def system(cls, work: str) -> Caller:
        """The gateway itself, doing `work`: it sees every row, and the audit trail names the work."""
        return cls(channel=Channel.SYSTEM, client_id=f"system:{work}")

    @property
    def key(self) -> str:
        """What cursors, idempotency keys and rate limits are bound to."""
        return f"{self.channel}:{self.client_id}:{self.user_id or ''}"

    @property
    def actor(self) -> str:
        """The name written into the audit trail: a person where there is one, else the client.

        A customer stands there by id, for the trail never forgets and a name in it could never be erased.
        """
        if self.channel is Channel.INTERNET and self.customer_id is not None:
            return f"customer:{self.customer_id}"
        return f"user:{self.username}" if self.username else f"client:{self.client_id}"

    @property
    def present_purpose(self) -> str:
        """Why the caller looks at personal data: what it said, else what its role is there for."""
        return self.purpose or _USUAL_PURPOSES.get(self.role, "service")

    @property
    def is_person(self) -> bool:
        """Whether a signed-in person stands behind the call, rather than a system."""
        return self.user_id is not None

    @property
    def sees_everything(self) -> bool:
        """Whether rows and columns are unrestricted: employees and the gateway's own work."""
        return self.channel in (Channel.INTRANET, Channel.SYSTEM)
