"""Matters of Cem's: opened inside, by his dealer, or by himself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Api, Cast
from tests.desk.conftest import made

LATE = {"subject": "Teslimat gecikti", "kind": "complaint"}


def open_matter(api: Api, cast: Cast, **more: Any) -> dict[str, Any]:
    """Open a matter of Cem's."""
    whose = {} if api is cast.cem else {"customer_id": str(cast.cem_id)}
    return made(api.post("/matters", {**LATE, **whose, **more}))


def change(api: Api, matter: dict[str, Any], **patch: Any) -> dict[str, Any]:
    """Change a matter at the version it has now."""
    version = api.get(f"/matters/{matter['id']}").get_json()["version"]
    return made(api.patch(f"/matters/{matter['id']}", patch, version=version), 200)


def note(api: Api, matter: dict[str, Any], text: str, **more: Any) -> dict[str, Any]:
    """Add a word to a matter."""
    return made(api.post(f"/matters/{matter['id']}/notes", {"text": text, **more}))


def whole(api: Api, matter: dict[str, Any]) -> dict[str, Any]:
    """A matter with all that stands beside it."""
    return made(api.get(f"/matters/{matter['id']}"), 200)


@pytest.fixture
def matter(cast: Cast) -> dict[str, Any]:
    """A matter that Ayşe opened."""
    return open_matter(cast.ayse, cast)
