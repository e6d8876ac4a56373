"""The purposes there are: those Köprü brings, and those the house has made or changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select, text

from gateway import audit
from gateway.consent.purposes.models import Purpose
from gateway.db import Query, Transaction, apply
from gateway.errors import Conflict, NotFound, PreconditionFailed, refuse_field

# Law 6563 (Turkey) wants consent for advertising; whoever is served may be told how it goes.
_BROUGHT: dict[str, dict[str, Any]] = {
    "marketing": {"english": "Offers and campaigns", "turkish": "Teklif ve kampanyalar", "basis": "consent"},
    "research": {"english": "Surveys and research", "turkish": "Anket ve araştırmalar", "basis": "consent"},
    "service": {
        "english": "Service and support",
        "turkish": "Hizmet ve destek",
        "basis": "legitimate_interest",
        "is_allowed_by_default": True,
    },
    "legal": {"english": "Legal notices and recalls", "turkish": "Yasal bildirim ve geri çağırma", "basis": "legal"},
}
_WRITTEN = ("code", "english", "turkish", "basis", "is_allowed_by_default", "is_archived")
# An archived one is asked for no more, whatever it stands on.
KEPT = Query(text("SELECT code, english, turkish, CASE WHEN is_archived THEN '' ELSE basis END FROM consent_purposes"))
# What follows from the basis alone; legitimate interest leaves it open.
_DEFAULTS: dict[str, Callable[[bool | None], bool]] = {
    "consent": lambda wanted: False,
    "legal": lambda wanted: True,
    "legitimate_interest": lambda wanted: wanted is not False,
}


class PurposeCodeTaken(Conflict):
    """Another purpose has this code."""

    code, title = "purpose_code_taken", "Another purpose has this code"


def list_all(tx: Transaction) -> list[Purpose]:
    """Every purpose, by code."""
    kept = {purpose.code: purpose for purpose in tx.scalars(select(Purpose))}
    known = {code: _brought(code) for code in _BROUGHT} | kept
    return [known[code] for code in sorted(known)]


def wanting_consent(tx: Transaction) -> list[tuple[str, str, str]]:
    """Code, English and Turkish of what nobody is contacted for without consent, as cheaply as a look-up has to be."""
    known = {code: (said["english"], said["turkish"], said["basis"]) for code, said in _BROUGHT.items()}
    known |= {code: tuple(said) for code, *said in tx.rows(KEPT)}
    return [(code, *known[code][:2]) for code in sorted(known) if known[code][2] == "consent"]


def find(tx: Transaction, code: str) -> Purpose | None:
    """The purpose with this code, or None."""
    kept = tx.session.get(Purpose, code)
    return _brought(code) if kept is None and code in _BROUGHT else kept


def get(tx: Transaction, code: str) -> Purpose:
    """The purpose with this code; raises NotFound."""
    purpose = find(tx, code)
    if purpose is None:
        raise NotFound
    return purpose


def named(tx: Transaction, code: str) -> Purpose:
    """The purpose that a body names, archived or not; raises Invalid."""
    purpose = find(tx, code)
    if purpose is None:
        raise refuse_field("/purpose", "unknown", "There is no such purpose; GET /consent-purposes lists them.")
    return purpose


def add(tx: Transaction, data: dict[str, Any]) -> Purpose:
    """Add a purpose of loaded `PurposeInput`; raises PurposeCodeTaken, Invalid."""
    if find(tx, data["code"]) is not None:
        raise PurposeCodeTaken
    purpose = Purpose(**_whole(data), version=1)
    tx.store(purpose, PurposeCodeTaken)
    audit.record(tx, "consent.purpose.created", "consent_purpose", purpose.code)
    return purpose


def change(tx: Transaction, code: str, patch: dict[str, Any], expected_version: int) -> Purpose:
    """Apply a loaded merge patch; raises NotFound, PreconditionFailed, Invalid."""
    purpose = get(tx, code)
    if purpose.version:
        tx.session.refresh(purpose, with_for_update=True)
    if purpose.version != expected_version:
        raise PreconditionFailed
    kept = {name: getattr(purpose, name) for name in _WRITTEN}
    if patch.get("basis", purpose.basis) != purpose.basis:
        kept["is_allowed_by_default"] = None
    whole = _whole(kept | patch)
    if changed := apply(purpose, whole):
        purpose.version = expected_version + 1
        tx.store(purpose, PreconditionFailed)
        audit.record(tx, "consent.purpose.changed", "consent_purpose", code, {"fields": changed})
    return purpose


def _brought(code: str) -> Purpose:
    return Purpose(**_whole({"code": code, **_BROUGHT[code]}), version=0)


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    wanted = values.get("is_allowed_by_default")
    allowed = _DEFAULTS[values["basis"]](wanted)
    if wanted is not None and wanted != allowed:
        raise refuse_field("/allowed_by_default", "invalid", "The basis decides this itself.")
    return {"is_archived": False, **values, "is_allowed_by_default": allowed}
