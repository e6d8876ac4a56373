"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `state` is ok, hint (works, but look at it) or wrong; `advice` says what to do."""

    check: str
    state: str
    says: str
    advice: str = ""


def ok(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, "ok", says)


def hint(check: str, says: str, advice: str) -> Finding:
    """It works, but somebody should look at it."""
    return Finding(check, "hint", says, advice)


def wrong(check: str, says: str, advice: str) -> Finding:
    """It does not work, or is not safe."""
    return Finding(check, "wrong", says, advice)
