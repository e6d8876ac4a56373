"""What can be done with links and runs. Nothing here commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert

from gateway import audit
from gateway.db import Transaction, new_id, now
from gateway.errors import Conflict, NotFound, PreconditionFailed
from gateway.partners.models import Partner
from gateway.queue import SYNC, ring
from gateway.sync import crossref
from gateway.sync.models import ACTIVE, COUNTERS, RejectedRecord, SyncLink, SyncRun
from gateway.sync.sealing import Settings, check, join, opened, seal, split
from gateway.sync.work import JOB

_STREAMS = ("customers", "interactions")
# In words of the index itself: PostgreSQL does not find it by parameters once the statement is prepared.
_ACTIVE = text("status IN ('queued', 'running')")


class LinkNameTaken(Conflict):
    """Another link has this name."""

    code, title = "link_name_taken", "Another link has this name"


class LinkPaused(Conflict):
    """A paused link starts no run."""

    code, title = "link_paused", "This link is paused"


class PartnerSuspended(Conflict):
    """Nothing goes to or comes from the systems of a suspended partner."""

    code, title = "partner_suspended", "The partner of this link is suspended"


class RunActive(Conflict):
    """A link has one run at a time."""

    code, title = "run_active", "A run of this link is already active"

    def __init__(self, run_id: UUID) -> None:
        super().__init__(f"Run {run_id} is active.")
        self.run_id = run_id

    def as_json(self, request_id: str) -> dict[str, Any]:
        """The problem, with the active run named for machines too."""
        return {**super().as_json(request_id), "run_id": str(self.run_id)}


def add_link(
    tx: Transaction,
    *,
    name: str,
    partner_id: UUID,
    connector: str,
    settings: Settings,
    interval_seconds: int | None = None,
) -> SyncLink:
    """Add a link to a partner's system; raises Invalid with pointers, LinkNameTaken."""
    _refuse_taken(tx, name)
    plain, secret = split(check(connector, settings).Settings(), settings)
    link = SyncLink(id=new_id(), name=name, partner_id=partner_id, connector=connector, settings=plain)
    link.sealed = seal(link.id, secret)
    _schedule(link, interval_seconds)
    tx.session.add(link)
    tx.session.flush()
    audit.record(tx, "sync.link.created", "sync_link", link.id, {"connector": connector})
    return link


def list_links(tx: Transaction, after: UUID | None = None, limit: int | None = None) -> list[SyncLink]:
    """Links in the order in which they were made."""
    statement = select(SyncLink).order_by(SyncLink.id)
    return tx.scalars(_paged(statement if after is None else statement.where(SyncLink.id > after), limit))


def get_link(tx: Transaction, link_id: UUID) -> SyncLink:
    """The link with this id; raises NotFound."""
    link = tx.session.get(SyncLink, link_id)
    if link is None:
        raise NotFound
    return link


def find_link(tx: Transaction, name: str) -> SyncLink | None:
    """The link with this name or id, or None."""
    try:
        link_id = UUID(name)
    except ValueError:
        return tx.session.scalar(select(SyncLink).where(SyncLink.name == name))
    return tx.session.get(SyncLink, link_id)


def change_link(tx: Transaction, link_id: UUID, patch: dict[str, Any], expected_version: int) -> SyncLink:
    """Apply a loaded `LinkPatch` to the version the caller has read; raises NotFound, PreconditionFailed, Invalid."""
    link = get_link(tx, link_id)
    tx.session.refresh(link, with_for_update=True)
    if link.version != expected_version:
        raise PreconditionFailed
    if "name" in patch and patch["name"] != link.name:
        _refuse_taken(tx, patch["name"])
        link.name = patch["name"]
    if "settings" in patch:
        _resettle(link, patch["settings"])
    if "interval_seconds" in patch:
        _schedule(link, patch["interval_seconds"])
    if "status" in patch:
        _set_status(link, patch["status"], patch.get("paused_reason"))
    _touch(tx, link, "changed", {"fields": sorted(patch)})
    return link


def change_settings(tx: Transaction, link: SyncLink, settings: Settings) -> None:
    """Put these settings in place of the old ones, a secret that is left out apart; the same ones change nothing."""
    if join(_kept(link, settings), settings) != opened(link):
        _resettle(link, settings)
        _touch(tx, link, "changed", {"fields": ["settings"]})


def pause(tx: Transaction, link_id: UUID, reason: str) -> SyncLink:
    """Start no more runs on a link until it is resumed; an active run ends by itself."""
    link = get_link(tx, link_id)
    _set_status(link, "paused", reason)
    _touch(tx, link, "paused", {"reason": reason})
    return link


def resume(tx: Transaction, link_id: UUID) -> SyncLink:
    """Let a link work again; what it missed comes with its next run."""
    link = get_link(tx, link_id)
    _set_status(link, "active", None)
    _touch(tx, link, "resumed", {})
    return link


def start_run(tx: Transaction, link_id: UUID, mode: str = "normal", options: dict[str, Any] | None = None) -> SyncRun:
    """Ask for a run of a mode (`jobs.MODES`).

    Raises NotFound, LinkPaused, PartnerSuspended, and RunActive with the run that is active.
    """
    link = get_link(tx, link_id)
    if link.status == "paused":
        raise LinkPaused(f"The link is paused: {link.paused_reason}")
    if tx.session.get_one(Partner, link.partner_id).status != "active":
        raise PartnerSuspended
    run_id = _insert_run(tx, link_id, mode, options or {})
    if run_id is None:
        active = tx.session.scalar(select(SyncRun.id).where(SyncRun.link_id == link_id, SyncRun.status.in_(ACTIVE)))
        raise RunActive(active) if active is not None else Conflict("The active run ended this moment; ask again.")
    audit.record(tx, "sync.run.asked", "sync_run", run_id, {"link": link.name, "mode": mode})
    return get_run(tx, run_id)


def start_scheduled(tx: Transaction) -> int:
    """Start a run on every active link that is due and has none; answers how many. Schedulers take turns by row."""
    active = exists().where(SyncRun.link_id == SyncLink.id, SyncRun.status.in_(ACTIVE))
    due = (
        select(SyncLink)
        .where(SyncLink.status == "active", SyncLink.next_run_at <= func.now(), ~active)
        .where(SyncLink.partner_id.in_(select(Partner.id).where(Partner.status == "active")))
        .with_for_update(skip_locked=True)
    )
    started = 0
    for link in tx.scalars(due):
        started += _insert_run(tx, link.id) is not None
        link.next_run_at = now() + timedelta(seconds=link.interval_seconds or 0)
    return started


def get_run(tx: Transaction, run_id: UUID) -> SyncRun:
    """The run with this id; raises NotFound."""
    run = tx.session.get(SyncRun, run_id)
    if run is None:
        raise NotFound
    return run


def list_runs(
    tx: Transaction, link_id: UUID | None = None, before: UUID | None = None, limit: int | None = None
) -> list[SyncRun]:
    """Runs, the newest first."""
    statement = select(SyncRun).order_by(SyncRun.id.desc())
    if link_id is not None:
        statement = statement.where(SyncRun.link_id == link_id)
    return tx.scalars(_paged(statement if before is None else statement.where(SyncRun.id < before), limit))


def cancel_run(tx: Transaction, run_id: UUID) -> SyncRun:
    """Ask a run to end: at once where nobody works on it, else within one page. A second time changes nothing."""
    run = get_run(tx, run_id)
    tx.session.refresh(run, with_for_update=True)
    if run.status not in ACTIVE:
        return run
    run.cancel_asked_at = run.cancel_asked_at or now()
    if run.leased_until is None:
        run.status, run.finished_at = "cancelled", now()
    audit.record(tx, "sync.run.cancelled", "sync_run", run_id)
    return run


def list_rejected(
    tx: Transaction, link_id: UUID | None = None, after: UUID | None = None, limit: int | None = None
) -> list[RejectedRecord]:
    """Records that could not be taken over, the oldest first."""
    statement = select(RejectedRecord).order_by(RejectedRecord.id)
    if link_id is not None:
        statement = statement.where(RejectedRecord.link_id == link_id)
    return tx.scalars(_paged(statement if after is None else statement.where(RejectedRecord.id > after), limit))


def record_known_as(tx: Transaction, link_id: UUID, stream: str, external_id: str) -> UUID | None:
    """Our record of what the partner calls by this external id, or None."""
    return crossref.living(tx, link_id, stream, [external_id]).get(external_id)


def partner_codes(tx: Transaction, links: Sequence[SyncLink]) -> dict[UUID, str]:
    """The codes of the links' partners, by id."""
    ids = {link.partner_id for link in links}
    return {row.id: row.code for row in tx.session.execute(select(Partner.id, Partner.code).where(Partner.id.in_(ids)))}


def counts_of(run: SyncRun) -> dict[str, dict[str, int]]:
    """A run's counters, with zeroes for what it has not reached."""
    return {stream: {**dict.fromkeys(COUNTERS, 0), **run.streams.get(stream, {})} for stream in _STREAMS}


def _insert_run(
    tx: Transaction, link_id: UUID, mode: str = "normal", options: dict[str, Any] | None = None
) -> UUID | None:
    values = {
        "id": new_id(), "link_id": link_id, "mode": mode, "options": options or {}, "status": "queued",
        "streams": {}, "steps_done": [], "tries": 0,
        "attempt": 0, "due_at": func.now(), "created_at": func.now(),
    }  # fmt: skip
    statement = insert(SyncRun).values(values)
    statement = statement.on_conflict_do_nothing(index_elements=["link_id"], index_where=_ACTIVE)
    run_id: UUID | None = tx.session.scalar(statement.returning(SyncRun.id))
    if run_id is not None:
        tx.after_commit(lambda: ring(SYNC, JOB, run_id))
    return run_id


def _resettle(link: SyncLink, settings: Settings) -> None:
    """New settings in place of the old ones; a secret that is left out stays, for nobody can read it to repeat it."""
    whole = join(_kept(link, settings), settings)
    plain, secret = split(check(link.connector, whole).Settings(), whole)
    link.settings, link.sealed = plain, seal(link.id, secret)


def _kept(link: SyncLink, settings: Settings) -> Settings:
    whole = opened(link)
    return {name: value for name, value in whole.items() if name not in settings and name not in link.settings}


def _schedule(link: SyncLink, interval_seconds: int | None) -> None:
    link.interval_seconds = interval_seconds
    link.next_run_at = _next_run(interval_seconds)


def _next_run(interval_seconds: int | None) -> datetime | None:
    return None if interval_seconds is None else now() + timedelta(seconds=interval_seconds)


def _set_status(link: SyncLink, status: str, reason: str | None) -> None:
    link.status = status
    link.paused_reason = (reason or "Paused by a person.") if status == "paused" else None
    if status == "active":
        link.next_run_at = None if link.interval_seconds is None else now()


def _touch(tx: Transaction, link: SyncLink, action: str, detail: dict[str, Any]) -> None:
    link.version += 1
    tx.session.flush()
    audit.record(tx, f"sync.link.{action}", "sync_link", link.id, detail)


def _refuse_taken(tx: Transaction, name: str) -> None:
    if tx.session.scalar(select(SyncLink.id).where(SyncLink.name == name)) is not None:
        raise LinkNameTaken(f"The name {name} is taken.")


def _paged(statement: Select[Any], limit: int | None) -> Select[Any]:
    return statement if limit is None else statement.limit(limit)
