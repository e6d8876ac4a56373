"""The ways in which contacts end: those Köprü brings, and those the house has made or changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gateway import audit
from gateway.db import Transaction, apply
from gateway.desk.contacts.models import Disposition
from gateway.errors import Conflict, NotFound, PreconditionFailed, refuse_field

# code: (English, Turkish, whether the customer was spoken to, what follows by itself)
_BROUGHT: dict[str, tuple[str, str, bool, str]] = {
    "reached": ("Reached", "Ulaşıldı", True, "none"),
    "solved": ("Solved", "Çözüldü", True, "none"),
    "refused": ("Did not want to talk", "Görüşmek istemedi", True, "none"),
    "callback_requested": ("Wants to be called back", "Geri aranmak istiyor", True, "callback"),
    "do_not_call": ("Wants no more calls", "Aranmak istemiyor", True, "do_not_contact"),
    "no_answer": ("No answer", "Cevap yok", False, "none"),
    "busy": ("Busy", "Meşgul", False, "none"),
    "voicemail": ("Voicemail", "Telesekreter", False, "none"),
    "wrong_number": ("Wrong number", "Yanlış numara", False, "wrong_number"),
}


class DispositionCodeTaken(Conflict):
    """Another disposition has this code."""

    code, title = "disposition_code_taken", "Another disposition has this code"


def list_all(tx: Transaction) -> list[Disposition]:
    """Every disposition, by code."""
    kept = {each.code: each for each in tx.scalars(select(Disposition))}
    known = {code: _brought(code) for code in _BROUGHT} | kept
    return [known[code] for code in sorted(known)]


def get(tx: Transaction, code: str) -> Disposition:
    """The disposition with this code; raises NotFound."""
    kept = tx.session.get(Disposition, code)
    if kept is None and code not in _BROUGHT:
        raise NotFound
    return kept or _brought(code)


def named(tx: Transaction, code: str) -> Disposition:
    """The disposition that a contact names; raises Invalid for one that is not there or archived."""
    try:
        disposition = get(tx, code)
    except NotFound:
        message = "There is no such disposition; GET /dispositions lists them."
        raise refuse_field("/disposition", "unknown", message) from None
    if disposition.is_archived:
        raise refuse_field("/disposition", "archived", "No contact ends like this any more.")
    return disposition


def add(tx: Transaction, data: dict[str, Any]) -> Disposition:
    """Add a disposition of loaded `DispositionInput`; raises DispositionCodeTaken."""
    if data["code"] in _BROUGHT:
        raise DispositionCodeTaken
    disposition = Disposition(**data, version=1)
    tx.store(disposition, DispositionCodeTaken)
    audit.record(tx, "disposition.created", "disposition", disposition.code)
    return disposition


def change(tx: Transaction, code: str, patch: dict[str, Any], expected_version: int) -> Disposition:
    """Apply a loaded merge patch; raises NotFound, PreconditionFailed."""
    disposition = get(tx, code)
    if disposition.version:
        tx.session.refresh(disposition, with_for_update=True)
    if disposition.version != expected_version:
        raise PreconditionFailed
    if changed := apply(disposition, patch):
        disposition.version = expected_version + 1
        tx.store(disposition, PreconditionFailed)
        audit.record(tx, "disposition.changed", "disposition", code, {"fields": changed})
    return disposition


def _brought(code: str) -> Disposition:
    english, turkish, is_reached, effect = _BROUGHT[code]
    said = {"english": english, "turkish": turkish, "is_reached": is_reached, "effect": effect}
    return Disposition(code=code, **said, is_archived=False, version=0)
