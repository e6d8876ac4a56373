"""What can be done with partners."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from gateway import audit
from gateway.db import Transaction, apply
from gateway.errors import Conflict, NotFound, PreconditionFailed, refuse_field
from gateway.partners.models import Partner
from schemas.partner import is_grantable

_CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_RESERVED = frozenset({"past"})  # /customers/{id}/shares/past


class PartnerCodeTaken(Conflict):
    """Another partner has this code."""

    code, title = "partner_code_taken", "Another partner has this code"


def add(tx: Transaction, code: str, name: str, granted_fields: Iterable[str] = ()) -> Partner:
    """Add a partner; raises Invalid for a bad code or field, PartnerCodeTaken for a second one."""
    if not _CODE.fullmatch(code):
        raise refuse_field("/code", "malformed", "Lower-case letters, digits and hyphens, 63 at most.")
    if code in _RESERVED:
        raise refuse_field("/code", "reserved", f"No partner can be called {code}: it stands for something else.")
    if unknown := {name for name in granted_fields if not is_grantable(name)}:
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


def get_by_code(tx: Transaction, code: str) -> Partner:
    """The partner with this code; raises NotFound."""
    partner = find(tx, code)
    if partner is None:
        raise NotFound
    return partner


def get(tx: Transaction, partner_id: UUID) -> Partner:
    """The partner with this id; raises NotFound."""
    return tx.get(Partner, partner_id)


def list_all(tx: Transaction) -> list[Partner]:
    """Every partner the caller may see, by code."""
    return list(tx.session.scalars(select(Partner).order_by(Partner.code)))


def list_after(tx: Transaction, code: str, limit: int, status: str | None = None) -> list[Partner]:
    """The next partners by code, in one state where it is given."""
    statement = select(Partner).where(Partner.code > code).order_by(Partner.code).limit(limit)
    return list(tx.session.scalars(statement if status is None else statement.where(Partner.status == status)))


def change(tx: Transaction, partner: Partner, patch: dict[str, Any], expected_version: int) -> None:
    """Apply a loaded `PartnerPatch`; raises PreconditionFailed for another version, Invalid."""
    tx.session.refresh(partner, with_for_update=True)
    if partner.version != expected_version:
        raise PreconditionFailed
    patch = {name: sorted(set(value)) if isinstance(value, list) else value for name, value in patch.items()}
    if not (changed := apply(partner, patch)):
        return
    if partner.valid_from and partner.valid_until and partner.valid_from >= partner.valid_until:
        raise refuse_field("/valid_until", "invalid", "An agreement ends after it begins.")
    partner.version += 1
    tx.session.flush()
    audit.record(tx, "partner.changed", "partner", partner.id, {"fields": changed})


def end_agreements(tx: Transaction, moment: datetime) -> int:
    """Have agreements that ended grant no field any more, in every process; answers how many did until now."""
    ended = (Partner.valid_until <= moment) & (func.cardinality(Partner.granted_fields) > 0)
    partners = tx.scalars(select(Partner).where(ended).order_by(Partner.id))
    for partner in partners:
        change(tx, partner, {"granted_fields": []}, partner.version)
    return len(partners)
