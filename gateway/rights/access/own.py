"""What the features below customers keep of a person, and what rights keeps itself, as the person is told it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.claims import telling as claims
from gateway.consent import telling as consent
from gateway.customers.fields import visible_fields
from gateway.customers.telling import Rows, register
from gateway.db import Transaction
from gateway.desk import telling as desk
from gateway.identity import telling as identity
from gateway.interactions import telling as interactions
from gateway.rights.disclosures import service as disclosures
from gateway.sync import telling as sync

_FIELDS = ", ".join(f"c.{name}" for name in visible_fields(Channel.INTERNET))
register(
    Rows(
        "profile",
        "Your record",
        "Kaydınız",
        frozenset({"customers"}),
        f"SELECT {_FIELDS}, c.sources FROM customers c WHERE c.id = ANY(:ids)",  # noqa: S608  # our own names
    ),
    is_first=True,
)
# Importing them registers what they tell.
FEATURES = (interactions, consent, desk, identity, claims, sync)


@dataclass(frozen=True)
class Told:
    """What was disclosed, by the register."""

    name: str = "disclosures"
    tables: frozenset[str] = frozenset({"disclosures", "shares", "past_shares", "webhook_deliveries"})

    @property
    def titles(self) -> dict[str, str]:
        """Its title by language."""
        return {"en": "Who was given your data", "tr": "Verileriniz kimlere verildi"}

    def tell(self, tx: Transaction, customer_ids: list[UUID]) -> Iterator[dict[str, Any]]:
        """All of it; the first id is the one the person has now."""
        return disclosures.all_of(tx, customer_ids[0])


register(Told())
# What was noted is filed before it is told; employees are told of by what they do.
register(
    Rows(
        "access_log",
        "Who was shown your data",
        "Verilerinizi kimler gördü",
        frozenset({"reads", "access_log"}),
        """
        SELECT CASE a.channel WHEN 'extranet' THEN 'partner' ELSE 'house' END AS by, a.organisation, a.role, a.what,
            a.purpose, a.first_at, a.last_at, a.times
        FROM access_log a WHERE a.customer_id = ANY(:ids) ORDER BY a.first_at
        """,
    )
)
register(
    Rows(
        "changes",
        "What was done with your record",
        "Kaydınızla yapılan işlemler",
        frozenset(),
        """
        SELECT a.at, a.action, a.channel, nullif(a.purpose, '') AS purpose,
            a.detail - ARRAY['keep_id', 'lose_id'] AS detail FROM audit_entries a
        WHERE a.resource = 'customer' AND a.resource_id = ANY(CAST(CAST(:ids AS uuid[]) AS text[])) ORDER BY a.at
        """,
    )
)
register(
    Rows(
        "requests",
        "Your requests about your data",
        "Kişisel veri başvurularınız",
        frozenset({"rights_cases", "rights_steps"}),
        """
        SELECT r.kind, r.status, r.note, r.wish, r.reason, r.created_at, r.due_at, r.ended_at FROM rights_cases r
        WHERE r.customer_id = ANY(:ids) ORDER BY r.created_at
        """,
    )
)
register(
    Rows(
        "sign_in",
        "Your account",
        "Hesabınız",
        frozenset({"users", "sign_in_sessions", "consents"}),
        """
        SELECT u.username, u.display_name, u.locale, u.status, u.created_at, u.signed_in_at,
            (SELECT jsonb_agg(jsonb_build_object('at', s.created_at, 'address', s.address) ORDER BY s.created_at)
             FROM sign_in_sessions s WHERE s.user_id = u.id) AS sessions,
            (SELECT jsonb_agg(jsonb_build_object('app', c.client_id, 'scopes', c.scopes, 'at', c.updated_at))
             FROM consents c WHERE c.user_id = u.id) AS apps
        FROM users u WHERE u.customer_id = ANY(:ids)
        """,
    )
)
register(
    Rows(
        "webhooks",
        "Addresses you are told at",
        "Size bildirim gönderilen adresler",
        frozenset({"webhook_endpoints"}),
        """
        SELECT e.url, e.event_types, e.created_at, e.deleted_at FROM webhook_endpoints e
        WHERE e.customer_id = ANY(:ids) ORDER BY e.created_at
        """,
    )
)
