"""The people of the desk: Zeynep and Selin, who take calls, and the queue they share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.accounts import service as accounts
from gateway.channels import Caller, Channel
from gateway.db import transaction
from tests.conftest import Api, Cast, person_token

NOON = (datetime.now(UTC) + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
"""Noon of tomorrow in Istanbul, when nothing is quiet."""
MIDNIGHT = NOON + timedelta(hours=12)


def employee(cast: Cast, username: str, role: str = "agent", granted: frozenset[str] | None = None) -> Api:
    """Somebody inside, signed in."""
    with transaction(Caller.system("test")) as tx:
        accounts.add_user(tx, username, "sedan-sever-35", Channel.INTRANET, role, display_name=username)
        token = person_token(tx, username, Channel.INTRANET, granted=granted)
        return Api(cast.ayse.client, Channel.INTRANET, token)


@pytest.fixture
def zeynep(cast: Cast) -> Api:
    """An agent of the call centre."""
    return employee(cast, "zeynep")


@pytest.fixture
def selin(cast: Cast) -> Api:
    """Another one."""
    return employee(cast, "selin")


@pytest.fixture
def queue(cast: Cast) -> str:
    """The queue of those who are to be called back: 80 percent within an hour."""
    return add_queue(cast, "Geri aramalar")


def add_queue(cast: Cast, name: str, **more: Any) -> str:
    """A queue; answers its id."""
    return made(cast.ayse.post("/queues", {"name": name, **more}))["id"]  # type: ignore[no-any-return]


def made(answer: Any, status: int = 201) -> dict[str, Any]:
    """The body of an answer that must have this status."""
    assert answer.status_code == status, answer.text
    return dict(answer.get_json())


def put(cast: Cast, queue: str, kind: str = "follow_up", **more: Any) -> dict[str, Any]:
    """Work about Cem."""
    item = {"kind": kind, "customer_id": str(cast.cem_id), "subject": "Teklifi hatırlatın", **more}
    return made(cast.ayse.post(f"/queues/{queue}/items", item))


def take(api: Api, queue: str, *skills: str) -> dict[str, Any] | None:
    """The next item, or None."""
    answer = api.post(f"/queues/{queue}/items/next", {"skills": list(skills)})
    return None if answer.status_code == 204 else made(answer, 200)


def act(api: Api, item: dict[str, Any], action: str, **said: Any) -> dict[str, Any]:
    """Do something with an item."""
    return made(api.post(f"/queue-items/{item['id']}/{action}", said or None), 200)
