"""Links to partners' systems: made, found, changed, paused and resumed. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction, new_id
from gateway.errors import Conflict, PreconditionFailed
from gateway.partners.models import Partner
from gateway.sync import events
from gateway.sync.models import SyncLink
from gateway.sync.schedules import service as schedules
from gateway.sync.sealing import Settings, check, completed, opened, seal, split

# What keeps a partner's mistake from becoming ours, and ours from becoming its burden.
SAFEGUARDS = frozenset(
    {"deletion_policy", "most_vanished_share", "most_rejected_share", "requests_per_minute", "most_concurrent"}
)


class LinkNameTaken(Conflict):
    """Another link has this name."""

    code, title = "link_name_taken", "Another link has this name"


def add_link(
    tx: Transaction,
    *,
    name: str,
    partner_id: UUID,
    connector: str,
    settings: Settings,
    interval_seconds: int | None = None,
    **safeguards: Any,
) -> SyncLink:
    """Add a link to a partner's system (safeguards: see `SAFEGUARDS`); raises Invalid with pointers, LinkNameTaken."""
    _refuse_taken(tx, name)
    plain, secret = split(check(connector, settings).Settings(), settings)
    link = SyncLink(id=new_id(), name=name, partner_id=partner_id, connector=connector, settings=plain, **safeguards)
    link.sealed = seal(link.id, secret)
    tx.session.add(link)
    tx.session.flush()
    _schedule(tx, link, interval_seconds)
    audit.record(tx, "sync.link.created", "sync_link", link.id, {"connector": connector})
    return link


def list_links(tx: Transaction, after: UUID | None = None, limit: int | None = None) -> list[SyncLink]:
    """Links in the order in which they were made."""
    statement = select(SyncLink).order_by(SyncLink.id)
    return tx.scalars((statement if after is None else statement.where(SyncLink.id > after)).limit(limit))


def get_link(tx: Transaction, link_id: UUID) -> SyncLink:
    """The link with this id; raises NotFound."""
    return tx.get(SyncLink, link_id)


def find_link(tx: Transaction, name: str) -> SyncLink | None:
    """The link with this name or id, or None."""
    try:
        link_id = UUID(name)
    except ValueError:
        return tx.session.scalar(select(SyncLink).where(SyncLink.name == name))
    return tx.session.get(SyncLink, link_id)


def change_link(tx: Transaction, link_id: UUID, patch: dict[str, Any], expected_version: int) -> SyncLink:
    """Apply a loaded `LinkPatch` to the version the caller has read; raises NotFound, PreconditionFailed, Invalid."""
    link = tx.get(SyncLink, link_id, lock=True)
    if link.version != expected_version:
        raise PreconditionFailed
    if "name" in patch and patch["name"] != link.name:
        _refuse_taken(tx, patch["name"])
        link.name = patch["name"]
    if "settings" in patch:
        _resettle(link, patch["settings"])
    if "interval_seconds" in patch:
        _schedule(tx, link, patch["interval_seconds"])
    for name in SAFEGUARDS & patch.keys():
        setattr(link, name, patch[name])
    if "status" in patch:
        _set_status(tx, link, patch["status"], patch.get("paused_reason"))
    _touch(tx, link, "changed", {"fields": sorted(patch)})
    return link


def change_settings(tx: Transaction, link: SyncLink, settings: Settings) -> None:
    """Put these settings in place of the old ones, a secret that is left out apart; the same ones change nothing."""
    if completed(link, settings) != opened(link):
        _resettle(link, settings)
        _touch(tx, link, "changed", {"fields": ["settings"]})


def pause(tx: Transaction, link_id: UUID, reason: str) -> SyncLink:
    """Start no more runs on a link until it is resumed; an active run ends by itself."""
    link = get_link(tx, link_id)
    _set_status(tx, link, "paused", reason)
    _touch(tx, link, "paused", {"reason": reason})
    return link


def resume(tx: Transaction, link_id: UUID) -> SyncLink:
    """Let a link work again; what it missed comes with its next run."""
    link = get_link(tx, link_id)
    _set_status(tx, link, "active", None)
    _touch(tx, link, "resumed", {})
    return link


def partner_codes(tx: Transaction, links: Sequence[SyncLink]) -> dict[UUID, str]:
    """The codes of the links' partners, by id."""
    ids = {link.partner_id for link in links}
    return {row.id: row.code for row in tx.session.execute(select(Partner.id, Partner.code).where(Partner.id.in_(ids)))}


def _resettle(link: SyncLink, settings: Settings) -> None:
    """New settings in place of the old ones; a secret that is left out stays, for nobody can read it to repeat it."""
    whole = completed(link, settings)
    plain, secret = split(check(link.connector, whole).Settings(), whole)
    link.settings, link.sealed = plain, seal(link.id, secret)


def _schedule(tx: Transaction, link: SyncLink, interval_seconds: int | None) -> None:
    schedules.set_interval(tx, link.id, interval_seconds)
    tx.session.refresh(link, ("interval_seconds", "next_run_at"))


def _set_status(tx: Transaction, link: SyncLink, status: str, reason: str | None) -> None:
    is_changed = link.status != status
    link.status = status
    link.paused_reason = (reason or "Paused by a person.") if status == "paused" else None
    if is_changed and status == "active":
        schedules.make_due(tx, link.id)
        tx.session.refresh(link, ("next_run_at",))
    if is_changed:
        events.tell_link(tx, "sync.link.resumed" if status == "active" else "sync.link.paused", link)


def _touch(tx: Transaction, link: SyncLink, action: str, detail: dict[str, Any]) -> None:
    link.version += 1
    tx.session.flush()
    audit.record(tx, f"sync.link.{action}", "sync_link", link.id, detail)


def _refuse_taken(tx: Transaction, name: str) -> None:
    if tx.session.scalar(select(SyncLink.id).where(SyncLink.name == name)) is not None:
        raise LinkNameTaken(f"The name {name} is taken.")
