"""Endpoints, messages and sending again from the command line; `listen` has a file of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest

from gateway.cli import operation, webhook_tail
from gateway.cli.webhook_filter import FILTER
from gateway.db import now
from gateway.longrunning import jobs as longrunning
from tests.cli.conftest import Run
from tests.webhooks.backlog import owe

AS_JSON = ("-o", "json")
HOOK = "http://127.0.0.1:9/kanca"


@pytest.fixture
def endpoint(kopru: Run, bursa: str) -> dict[str, Any]:
    """An endpoint of Bursa's, at which nobody answers."""
    return dict(kopru("webhook", "add", HOOK, "--partner", bursa, "--events", "customer.*", *AS_JSON).json)


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that goes on whenever a command looks how far it has come."""
    monkeypatch.setattr(operation, "_watch", _working(operation._watch))


def _working(watch: Any) -> Any:
    def work_and_watch(operation_id: UUID, progress: Any) -> Any:
        longrunning.go_on(str(operation_id))
        return watch(operation_id, progress)

    return work_and_watch


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("status=active,prospect", {"field": "status", "is": ["active", "prospect"]}),
        ("contact_points.address.city!=İzmir", {"field": "contact_points.address.city", "is_not": ["İzmir"]}),
        ("is_vip=true", {"field": "is_vip", "is": [True]}),
        ("segment", {"field": "segment", "exists": True}),
        ("!segment", {"field": "segment", "exists": False}),
        ('{"field": "version", "is": [3]}', {"field": "version", "is": [3]}),
    ],
)
def test_condition_is_typed_shortly(typed: str, meant: dict[str, Any]) -> None:
    assert FILTER.convert(typed, None, None) == meant


@pytest.mark.parametrize("typed", ["{", "{]"])
def test_condition_that_is_no_json_is_wrong_usage(typed: str) -> None:
    with pytest.raises(click.BadParameter):
        FILTER.convert(typed, None, None)


def test_every_wish_can_be_said_and_taken_back(kopru: Run, endpoint: dict[str, Any], tmp_path: Path) -> None:
    headers = tmp_path / "headers.json"
    headers.write_text('{"X-Api-Key": "çok-gizli"}'.replace("ç", "c"))
    wishes = ("--payload", "thin", "--filter", "status=active", "--rate", "600", "--ordered", "--hold-hours", "12")
    more = ("--retry-delays", "5,60", "--headers", str(headers), "--description", "Işık Oto")
    changed = kopru("webhook", "change", HOOK, *wishes, *more, *AS_JSON)
    assert "gizli" not in changed.out
    wished = ("payload", "filters", "rate_per_minute", "ordered", "hold_hours", "retry_delays", "headers")
    conditions = [{"field": "status", "is": ["active"]}]
    assert [changed.json[name] for name in wished] == ["thin", conditions, 600, True, 12, [5, 60], ["X-Api-Key"]]
    assert " 5 60\n" in kopru("webhook", "show", HOOK).out
    without = ("--without", "filters", "--without", "rate", "--without", "headers", "--unordered")
    back = kopru("webhook", "change", HOOK, *without, *AS_JSON).json
    assert [back[name] for name in wished] == ["thin", [], None, False, 12, [5, 60], []]


def test_wrong_condition_is_refused_by_its_place(kopru: Run, endpoint: dict[str, Any]) -> None:
    refused = kopru("webhook", "change", HOOK, "--filter", '{"field": "status"}')
    assert (refused.code, "/filters/0" in refused.err) == (1, True)


def test_secrets_of_access_are_read_from_a_pipe_and_never_shown(kopru: Run, bursa: str) -> None:
    auth = {"type": "oauth2", "token_url": HOOK, "client_id": "köprü", "client_secret": "çok-gizli"}
    made = kopru("webhook", "add", HOOK, "--events", "*", "--auth", "-", *AS_JSON, typed=json.dumps(auth))
    assert made.json["auth"] == {"type": "oauth2", "token_url": HOOK, "client_id": "köprü"}
    assert "gizli" not in made.out + kopru("webhook", "show", HOOK).out


def test_key_of_the_other_kind_is_added_and_has_no_secret(kopru: Run, endpoint: dict[str, Any]) -> None:
    made = kopru("webhook", "rotate", HOOK, "--kind", "v1a", "--overlap-hours", "0", *AS_JSON).json
    assert (made["signatures"], made["secret"]) == (["v1", "v1a"], None)
    assert made["public_keys_url"].endswith(f"{endpoint['id']}/keys.json")


def test_removed_endpoint_is_gone(kopru: Run, endpoint: dict[str, Any]) -> None:
    assert kopru("webhook", "remove", HOOK, "--yes").code == 0
    assert kopru("webhook", "list", *AS_JSON).json == []


def test_triggered_sample_is_listed_among_messages(kopru: Run, endpoint: dict[str, Any]) -> None:
    (sent,) = kopru("webhook", "trigger", "customer.updated", "--endpoint", HOOK, *AS_JSON).json
    (listed,) = kopru("webhook", "messages", HOOK, "--status", "pending", *AS_JSON).json
    assert (listed["event_id"], listed["trigger"], listed["type"]) == (sent["event_id"], "test", "customer.updated")
    assert kopru("webhook", "messages", HOOK, "--failed", *AS_JSON).json == []
    again = kopru("webhook", "resend", HOOK, sent["event_id"], *AS_JSON).json
    assert (again["status"], again["trigger"]) == ("pending", "resend")


def test_event_that_was_never_owed_says_where_to_look(kopru: Run, endpoint: dict[str, Any]) -> None:
    refused = kopru("webhook", "resend", HOOK, endpoint["id"])
    assert (refused.code, "kopru webhook messages" in refused.err) == (1, True)


def test_partner_is_listed_the_types_it_is_told(kopru: Run, bursa: str) -> None:
    inside = {each["name"] for each in kopru("webhook", "events", *AS_JSON).json}
    outside = {each["name"] for each in kopru("webhook", "events", "--partner", bursa, *AS_JSON).json}
    assert inside - outside >= {"sync.run.failed"}
    assert "properties" in kopru("webhook", "events", "customer.updated", "--partner", bursa).json["schema"]


@pytest.mark.parametrize("verb", ["recover", "replay"])
def test_work_that_is_waited_for_is_shown_as_it_ended(
    kopru: Run, endpoint: dict[str, Any], working: None, verb: str
) -> None:
    ended = kopru("webhook", verb, HOOK, "--since", "2h", *AS_JSON)
    assert (ended.code, ended.json["status"]) == (0, "succeeded")


def test_work_that_nobody_waits_for_goes_on_alone(kopru: Run, endpoint: dict[str, Any]) -> None:
    begun = kopru("webhook", "replay", HOOK, "--since", "2h", "--events", "customer.*", "--no-wait", *AS_JSON)
    assert (begun.code, begun.json["status"]) == (0, "queued")


@pytest.mark.parametrize(("answer", "status", "code"), [(True, "cancelled", 1), (False, "queued", 0)])
def test_who_leaves_is_asked_whether_to_cancel(
    kopru: Run, endpoint: dict[str, Any], monkeypatch: pytest.MonkeyPatch, answer: bool, status: str, code: int
) -> None:
    def leave(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", leave)
    monkeypatch.setattr(operation, "_is_to_be_cancelled", lambda: answer)
    left = kopru("webhook", "recover", HOOK, "--since", "2h", *AS_JSON)
    assert (left.code, left.json["status"]) == (code, status)


def test_nothing_is_sent_to_a_disabled_endpoint_and_it_says_what_to_do(kopru: Run, endpoint: dict[str, Any]) -> None:
    owe(endpoint, [None])
    kopru("webhook", "disable", HOOK)
    (held,) = kopru("webhook", "messages", HOOK, *AS_JSON).json
    refused = kopru("webhook", "recover", HOOK, "--since", "2h")
    assert (held["status"], refused.code, "set its status to active" in refused.err) == ("held", 1, True)
    kopru("webhook", "enable", HOOK)
    assert kopru("webhook", "messages", HOOK, *AS_JSON).json[0]["status"] == "pending"


def test_tail_shows_each_attempt_once(kopru: Run, endpoint: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    made = iter([[], [_attempt("a")], [_attempt("b"), _attempt("a")]])

    def find(_: Any, __: int) -> list[dict[str, Any]]:
        try:
            return next(made)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr(webhook_tail, "_find", find)
    monkeypatch.setattr(webhook_tail, "_LOOK_SECONDS", 0)
    shown = kopru("webhook", "tail", HOOK, *AS_JSON)
    assert [json.loads(line)["id"] for line in shown.out.splitlines()] == ["a", "b"]


def _attempt(name: str) -> dict[str, Any]:
    return {"id": name, "attempted_at": now(), "status": "failed"}
