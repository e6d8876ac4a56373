"""Our door for partners' systems: who gets in, what is stored, and that nobody learns anything by knocking."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from gateway.db import new_id
from gateway.limits import Limiter
from gateway.sync.hooks import door, inbox
from tests.sync.conftest import rows
from tests.sync.hooks.conftest import Caller

NEWS = {"records": {"customers": [{"external_id": "C-1", "kind": "person", "given_name": "Işıl"}]}}
OTHER = "whsec_" + "A" * 43 + "="


def stored() -> list[Any]:
    return rows("SELECT delivery_id, is_hint FROM sync_received ORDER BY number")


def told(answer: TestResponse) -> tuple[int, dict[str, Any], dict[str, str]]:
    """All of an answer but what differs from request to request."""
    body = {name: value for name, value in answer.get_json().items() if name != "request_id"}
    return answer.status_code, body, {name: value for name, value in answer.headers if name != "X-Request-Id"}


def test_a_delivery_is_stored_before_it_is_answered(caller: Caller) -> None:
    answer = caller.send(NEWS, "msg_1")
    assert (answer.status_code, answer.get_json()) == (202, {"is_duplicate": False})
    assert stored() == [("msg_1", False)]


def test_the_same_delivery_again_is_welcome_and_stored_once(caller: Caller) -> None:
    answers = [caller.send(NEWS, "msg_1") for _ in range(3)]
    assert [each.get_json()["is_duplicate"] for each in answers] == [False, True, True]
    assert len(stored()) == 1


def test_nothing_tells_an_unknown_link_from_a_wrong_signature(caller: Caller) -> None:
    wrong = told(caller.send(NEWS, secret=OTHER))
    assert wrong[0] == 401 and told(caller.send(NEWS, link=new_id())) == wrong
    rows("UPDATE partners SET status = 'suspended' RETURNING 1")
    door._listeners._kept.clear()
    assert told(caller.send(NEWS)) == wrong
    assert stored() == []


@pytest.mark.parametrize(
    "altered",
    [
        {"body": json.dumps(NEWS).replace("C-1", "C-2")},
        {"body": json.dumps(NEWS, indent=1)},
        {"body": ""},
        {"headers": {"webhook-signature": ""}},
        {"headers": {"webhook-signature": "v1,AAAA v1,BBBB"}},
        {"headers": {"webhook-id": "msg_other"}},
        {"at": datetime.now(UTC) - timedelta(hours=1)},
        {"at": datetime.now(UTC) + timedelta(hours=1)},
    ],
    ids=lambda altered: str(next(iter(altered.items())))[:40],
)
def test_an_altered_delivery_is_refused(caller: Caller, altered: dict[str, Any]) -> None:
    assert caller.send(NEWS, **altered).status_code == 401
    assert stored() == []


def test_an_authentic_delivery_that_makes_no_sense_is_told_so(caller: Caller) -> None:
    answer = caller.send([])  # type: ignore[arg-type]
    assert (answer.status_code, answer.get_json()["detail"]) == (422, "A JSON object is wanted.")


def test_a_connector_that_breaks_is_as_silent_as_a_wrong_signature(caller: Caller) -> None:
    broken = caller.send({}, body="{", headers={})
    assert broken.status_code == 401


def test_a_body_over_a_mebibyte_is_refused_unread(caller: Caller) -> None:
    assert caller.send(NEWS, body="x" * (1024 * 1024 + 1)).status_code == 413
    assert stored() == []


def test_a_packed_body_is_refused(caller: Caller) -> None:
    assert caller.send(NEWS, headers={"Content-Encoding": "gzip"}).status_code == 415


def test_a_storm_is_limited_by_its_address_and_by_its_link(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_MOST_REQUESTS", 3)
    monkeypatch.setattr(door, "_limiter", Limiter())
    monkeypatch.setattr(door._limiter, "_alone_until", float("inf"))  # this process alone, whatever ran before
    codes = [caller.send(NEWS, secret=OTHER).status_code for _ in range(5)]
    assert codes == [401, 401, 401, 429, 429]


def test_a_stranger_cannot_use_up_what_a_partner_may_send(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[str] = []
    monkeypatch.setattr(door, "_spend", spent.append)
    caller.send(NEWS, secret=OTHER)
    caller.send(NEWS)
    assert spent == ["hooks:127.0.0.1", "hooks:127.0.0.1", f"hooks:{caller.dealer.link_id}"]


def test_an_inbox_that_is_full_says_when_to_come_back(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_MOST_WAITING", 2)
    answers = [caller.send(NEWS) for _ in range(3)]
    assert [each.status_code for each in answers] == [202, 202, 429] and answers[2].headers["Retry-After"] == "60"


def test_a_paused_link_still_stores_and_starts_nothing(caller: Caller) -> None:
    rows("UPDATE sync_links SET status = 'paused' RETURNING 1")
    assert caller.send(NEWS).status_code == 202
    assert (len(stored()), rows("SELECT 1 FROM sync_runs")) == (1, [])
