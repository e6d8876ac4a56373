"""What can be done with partners."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction
from gateway.errors import Conflict, NotFound, refuse_field
from gateway.partners.models import Partner

GRANTABLE_FIELDS = frozenset({"birth_date", "tax_id"})
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


class PartnerCodeTaken(Conflict):
    """Another partner has this code."""

    code, title = "partner_code_taken", "Another partner has this code"


def add(tx: Transaction, code: str, name: str, granted_fields: Iterable[str] = ()) -> Partner:
    """Add a partner; raises Invalid for a bad code or field, PartnerCodeTaken for a second one."""
    if not _CODE.fullmatch(code):
        raise refuse_field("/code", "malformed", "Lower-case letters, digits and hyphens, 63 at most.")
    if unknown := set(granted_fields) - GRANTABLE_FIELDS:
        raise refuse_field("/granted_fields", "unknown_field", f"No agreement can grant {', '.join(sorted(unknown))}.")
    if find(tx, code) is not None:
        raise PartnerCodeTaken(f"The code {code} is taken.")
    partner = Partner(code=code, name=name, granted_fields=sorted(granted_fields))
    tx.session.add(partner)
    tx.session.flush()
    audit.record(tx, "partner.created", "partner", partner.id, {"code": code})
    return partner


def find(tx: Transaction, code: str) -> Partner | None:
    """The partner with this code, or None."""
    found: Partner | None = tx.session.scalar(select(Partner).where(Partner.code == code))
    return found


def get(tx: Transaction, partner_id: UUID) -> Partner:
    """The partner with this id; raises NotFound."""
    partner = tx.session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner


def list_all(tx: Transaction) -> list[Partner]:
    """Every partner the caller may see, by code."""
    return list(tx.session.scalars(select(Partner).order_by(Partner.code)))
