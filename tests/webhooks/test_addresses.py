"""Name servers that somebody else runs may be silent: that costs nobody but who asks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gateway.guarded import Guard, Unresolvable
from tests.commits import is_writing
from tests.conftest import Api, Cast
from tests.webhooks.conftest import Register
from tests.webhooks.receiver import Receiver
from tests.webhooks.test_faults import wait_for

ELSEWHERE = {"url": "https://sessiz.example/kopru", "event_types": ["*"]}


def test_silent_name_servers_hold_two_threads_at_most(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, let_go = list[str](), threading.Event()

    def be_silent(guard: Guard, url: str, seconds: float = 3.0) -> None:
        asked.append(url)
        let_go.wait(60)
        raise Unresolvable

    def register(api: Api) -> int:
        return api.post("/webhooks/endpoints", ELSEWHERE).status_code

    monkeypatch.setattr(Guard, "check", be_silent)
    with ThreadPoolExecutor(2) as threads:
        waiting = [threads.submit(register, cast.eskisehir) for _ in range(2)]
        wait_for(lambda: len(asked) == 2)
        third = register(cast.ankara)
        let_go.set()
        assert (third, [each.result() for each in waiting]) == (503, [422, 422])


@pytest.mark.parametrize("patch", [{"url": ELSEWHERE["url"]}, {"auth": {
    "type": "oauth2", "token_url": ELSEWHERE["url"], "client_id": "k", "client_secret": "gizli-gizli"}}])  # fmt: skip
def test_nothing_is_locked_while_a_name_is_looked_up(
    cast: Cast, receiver: Receiver, register: Register, monkeypatch: pytest.MonkeyPatch, patch: dict[str, Any]
) -> None:
    path, writing = f"/webhooks/endpoints/{register(cast.eskisehir)['id']}", list[bool]()
    monkeypatch.setattr(Guard, "check", lambda guard, url, seconds=3.0: writing.append(is_writing()))
    assert (cast.eskisehir.patch(path, patch, version=1).status_code, writing) == (200, [False])
