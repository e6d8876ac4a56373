"""Secrets of a dealer's system, each in a file of its own that only its owner reads."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path


def key_in(data: Path, code: str) -> str:
    """The dealer's API key, made at the first call."""
    return kept_in(data / f"{code}.key", lambda: secrets.token_urlsafe(32))


def kept_in(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; made and written where it holds nothing yet."""
    known = path.read_text().strip() if path.exists() else ""
    if not known:
        known = make()
        write_private(path, known)
    return known


def write_private(path: Path, text: str) -> None:
    """Replace a file's content at one stroke; others could never read it."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
