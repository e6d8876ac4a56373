"""How long messages are kept: what they said for so many days, their rows for so many, each partner's as agreed.

Each group of endpoints, a partner's with an agreement of its own or the rest, is walked along the ids of messages from
where it was left, so the price is that of what has newly become old. Any change of a term has all walked again.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ForeignKey, select, text
from sqlalchemy.orm import Mapped, mapped_column

from gateway import audit
from gateway.config import Settings
from gateway.db import Base, Query, Transaction
from gateway.errors import PreconditionFailed, refuse_field
from gateway.partners import service as partners
from gateway.webhooks.messages import bodies


class Retention(Base):
    """The terms of a partner, or of everybody else where there is none, and up to which message they are carried out.

    Days are the installation's where they are None.
    """

    __tablename__ = "webhook_retentions"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    payload_days: Mapped[int | None]
    log_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    emptied_to: Mapped[UUID] = mapped_column(default=bodies.FIRST)
    removed_to: Mapped[UUID] = mapped_column(default=bodies.FIRST)


class Terms(NamedTuple):
    """Days that bodies and answers are kept, and days that rows are; version 0 where nothing is agreed."""

    payload_days: int | None
    log_days: int | None
    version: int = 0


# A partner that returns to the rest brings messages which the rest has walked past already.
_WALK_ANEW = Query(
    text("UPDATE webhook_retentions SET emptied_to = :first, removed_to = :first WHERE partner_id IS NULL")
)


def terms_of(tx: Transaction, code: str) -> Terms:
    """What is agreed with a partner; raises NotFound."""
    return _terms(_of(tx, partners.get_by_code(tx, code).id))


def agree(tx: Transaction, code: str, patch: dict[str, Any], settings: Settings, expected_version: int) -> Terms:
    """Change what is agreed with a partner.

    Raises NotFound, PreconditionFailed, Invalid where bodies would outlive their rows.
    """
    partner = partners.get_by_code(tx, code)
    kept = _of(tx, partner.id)
    old = _terms(kept)
    if old.version != expected_version:
        raise PreconditionFailed
    new = old._replace(**patch)
    whole = in_force(new, settings)
    if (whole.payload_days or 0) > (whole.log_days or 0):
        raise refuse_field("/payload_days", "too_long", f"No longer than rows are kept: {whole.log_days} days.")
    if new == old:
        return new
    if kept is not None:
        tx.session.delete(kept)
        tx.session.flush()
    new = new._replace(version=old.version + 1 if new[:2] != (None, None) else 0)
    if new.version:
        tx.session.add(Retention(partner_id=partner.id, **new._asdict()))
    else:
        tx.run(_WALK_ANEW, first=bodies.FIRST)
    audit.record(tx, "webhook_retention.agreed", "partner", partner.id, {"fields": sorted(patch)})
    return new


def in_force(terms: Terms, settings: Settings) -> Terms:
    """Terms with the installation's days where none are agreed."""
    return Terms(terms.payload_days or settings.webhook_payload_days, terms.log_days or settings.webhook_log_days)


def show(code: str, terms: Terms, settings: Settings) -> dict[str, Any]:
    """What is agreed with a partner, beside what the installation does."""
    default = {"default_payload_days": settings.webhook_payload_days, "default_log_days": settings.webhook_log_days}
    return {"partner": code, **terms._asdict(), **default}


def _terms(kept: Retention | None) -> Terms:
    return Terms(kept.payload_days, kept.log_days, kept.version) if kept else Terms(None, None)


def _of(tx: Transaction, partner_id: UUID) -> Retention | None:
    kept: Retention | None = tx.session.scalar(select(Retention).filter_by(partner_id=partner_id))
    return kept
