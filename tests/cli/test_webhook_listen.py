"""`kopru webhook listen` as a program of its own, and real messages to it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.guarded import Guard
from gateway.guarded_sender import Sender
from gateway.webhooks import jobs
from gateway.webhooks.delivery.dispatch import Dispatcher
from gateway.webhooks.endpoints import service
from tests.cli.conftest import Run
from tests.webhooks.conftest import LOOPBACK, feed, make_due
from tests.webhooks.receiver import receiving

ROOT = Path(__file__).parents[2]
SYSTEM = Caller.system("test")


class Listening:
    """A running `listen`: where it listens, and what it prints."""

    def __init__(self, environment: dict[str, str], *options: str) -> None:
        command = [sys.executable, "-m", "gateway.cli", "webhook", "listen", "-o", "json", *options]
        self.process = subprocess.Popen(
            command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        self.said = self.process.stderr.readline()
        found = re.search(r"Listening at (\S+), verifying by (\S+);", self.said)
        assert found, self.said + self.process.stderr.read()
        self.url, self.key = found[1], found[2]

    def line(self) -> dict[str, Any]:
        """What it prints next."""
        assert self.process.stdout is not None
        return dict(json.loads(self.process.stdout.readline()))

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; answers its exit code."""
        self.process.send_signal(number)
        return self.process.wait(20)


Listen = Callable[..., Listening]


@pytest.fixture
def sender(kopru: Run) -> Iterator[Sender]:
    """The way a worker's messages take."""
    sender = Sender(Guard(LOOPBACK))
    yield sender
    sender.close()


@pytest.fixture
def deliver(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Do what a worker does."""
    dispatcher = Dispatcher(sender, total_seconds=5)
    monkeypatch.setattr(jobs, "_dispatcher", dispatcher)

    def work() -> None:
        feed()
        jobs.deliver()

    yield work
    dispatcher.close()


@pytest.fixture
def listen(kopru: Run, environment: dict[str, str], tmp_path: Path) -> Iterator[Listen]:
    """Start `listen` with options; what a test leaves running is killed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KOPRU_")}
    started: list[Listening] = []

    def start(*options: str) -> Listening:
        started.append(Listening({**kept, **environment, "KOPRU_VAR": str(tmp_path)}, *options))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.communicate()


def endpoints() -> list[str]:
    """The addresses that are registered."""
    with transaction(SYSTEM) as tx:
        return [each.url for each in service.list_endpoints(tx)]


@pytest.mark.parametrize("kind", ["v1", "v1a"])
def test_delivered_message_is_shown_verified(
    kopru: Run, bursa: str, listen: Listen, deliver: Callable[[], None], kind: str
) -> None:
    listening = listen("--partner", bursa, "--kind", kind)
    assert kopru("webhook", "trigger", "customer.updated").code == 0
    deliver()
    heard = listening.line()
    assert (heard["verified"], heard["answered"], heard["times"]) == (True, 204, 1)
    assert (heard["body"]["type"], heard["body"]["test"]) == ("customer.updated", True)
    assert heard["headers"]["webhook-signature"].startswith(f"{kind},")


def test_message_with_a_wrong_signature_is_refused_and_nothing_of_it_is_believed(
    listen: Listen, sender: Sender
) -> None:
    listening = listen()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    assert sender.post(listening.url, b'{"type": "customer.deleted"}', headers).status == 401
    heard = listening.line()
    assert (heard["verified"], heard["refusal"], heard["body"]) == (False, "The timestamp is too old or too new.", None)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_endpoint_is_removed_at_the_end(listen: Listen, number: int) -> None:
    listening = listen()
    assert endpoints() == [listening.url]
    assert (listening.stop(number), endpoints()) == (0, [])


def test_what_a_killed_one_left_is_removed_and_who_runs_is_left_alone(listen: Listen) -> None:
    killed, running = listen(), listen()
    killed.stop(signal.SIGKILL)
    third = listen()
    assert endpoints() == [running.url, third.url]


def test_message_answered_with_a_failure_comes_again_and_each_try_is_told(
    kopru: Run, listen: Listen, deliver: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = listen("--fail", "500")
    kopru("webhook", "trigger", "customer.created")
    deliver()
    make_due()
    deliver()
    first, second = listening.line(), listening.line()
    assert (first["answered"], first["times"], second["times"]) == (500, 1, 2)
    assert first["webhook_id"] == second["webhook_id"]
    monkeypatch.setattr(time, "sleep", _leave)
    tried = kopru("webhook", "tail", listening.url, "-o", "json")
    assert [json.loads(line)["http_status"] for line in tried.out.splitlines()] == [500, 500]
    assert (tried.code, kopru("webhook", "attempts", listening.url).out.count(" 500 ")) == (0, 2)


def _leave(_: object) -> None:
    raise KeyboardInterrupt


def test_forwarded_message_is_the_same_to_the_byte(kopru: Run, listen: Listen, deliver: Callable[[], None]) -> None:
    with receiving() as receiver:
        listening = listen("--forward", receiver.url, "-n", "1")
        kopru("webhook", "trigger", "customer.created")
        deliver()
        assert listening.process.wait(20) == 0
        (message,) = receiver.messages
    assert message.opened_with(listening.key) == listening.line()["body"]


def test_where_loopback_is_not_allowed_it_says_what_to_set(kopru: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOPRU_WEBHOOK_ALLOW", "10.20.0.0/16")
    refused = kopru("webhook", "listen")
    assert (refused.code, "KOPRU_WEBHOOK_ALLOW=10.20.0.0/16,127.0.0.0/8" in refused.err) == (3, True)
    assert endpoints() == []


def test_port_that_is_taken_is_named(kopru: Run) -> None:
    with receiving() as receiver:
        refused = kopru("webhook", "listen", "--port", str(receiver.port))
    assert (refused.code, f"--port: {receiver.port} cannot be used" in refused.err) == (2, True)


def test_sample_goes_to_nobody_who_did_not_ask_for_it(kopru: Run, bursa: str) -> None:
    kopru("webhook", "add", "http://127.0.0.1:9/kanca", "--events", "*")
    refused = kopru("webhook", "trigger", "customer.updated")
    assert (refused.code, "kopru webhook listen" in refused.err) == (1, True)


def test_sample_for_a_killed_listener_says_that_nobody_listens_any_more(kopru: Run, listen: Listen) -> None:
    listening = listen()
    listening.process.kill()
    listening.process.wait(10)
    refused = kopru("webhook", "trigger", "customer.updated")
    assert (refused.code, "was killed" in refused.err, kopru("webhook", "messages", "-o", "json").json) == (1, True, [])
