"""An event stands with its change or not at all, and no reader ever passes one that commits late."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from gateway import outbox
from gateway.channels import Caller
from gateway.commit_order import START, Place, present_place
from gateway.config import Settings
from gateway.db import Transaction, new_id, transaction
from tests.commits import settle
from tests.emptying import empty_tables

SYSTEM = Caller.system("test")


def tell(tx: Transaction, name: str = "customer.updated", **more: Any) -> UUID:
    return outbox.record(tx, outbox.Event(name, new_id(), None, {"ad": "Şule"}, **more))


def told(name: str = "customer.updated") -> UUID:
    with transaction(SYSTEM) as tx:
        return tell(tx, name)


def take(reader: str, limit: int = 200) -> list[UUID]:
    with transaction(SYSTEM) as tx:
        return [event.id for event in outbox.take(tx, reader, limit)]


def settled(reader: str, limit: int = 200) -> list[UUID]:
    settle()
    return take(reader, limit)


@pytest.fixture
def reader(whole_app: Flask) -> str:
    """A reader that wants nothing of the past."""
    name = f"reader-{new_id()}"
    settled(name, 1_000_000)
    return name


@pytest.fixture
def late() -> Iterator[ExitStack]:
    """Transactions that stay open until told otherwise."""
    with ExitStack() as open_ones:
        yield open_ones


def test_events_come_in_the_order_of_their_commits(reader: str) -> None:
    ids = [told() for _ in range(5)]
    assert settled(reader) == ids


def test_event_of_a_change_that_failed_is_not_there(reader: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        tell(tx)
        raise ZeroDivisionError
    assert take(reader) == []


def test_reader_gets_each_event_once(reader: str) -> None:
    ids = [told() for _ in range(5)]
    settle()
    assert [take(reader, 2), take(reader, 2), take(reader, 2), take(reader, 2)] == [ids[:2], ids[2:4], ids[4:], []]


def test_event_that_commits_late_is_not_passed(reader: str, late: ExitStack) -> None:
    """It has the lower number and the later commit: a reader of numbers alone would lose it."""
    slow = late.enter_context(transaction(SYSTEM))
    slow_id = tell(slow)
    quick_id = told()
    assert take(reader) == []
    late.close()
    assert settled(reader) == [slow_id, quick_id]


def test_event_of_a_late_beginner_is_not_passed_either(reader: str, late: ExitStack) -> None:
    """Its transaction has its id already, and writes its event only after a younger one has committed."""
    slow = late.enter_context(transaction(SYSTEM))
    slow.raw.execute("SELECT pg_current_xact_id()")
    quick_id = told()
    assert take(reader) == []
    slow_id = tell(slow)
    late.close()
    assert sorted(settled(reader)) == sorted([slow_id, quick_id])


def test_take_that_fails_is_taken_again(reader: str) -> None:
    event_id = told()
    settle()
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        assert [event.id for event in outbox.take(tx, reader)] == [event_id]
        raise ZeroDivisionError
    assert settled(reader) == [event_id]


def test_two_readers_do_not_disturb_each_other(reader: str) -> None:
    other = f"{reader}-2"
    settled(other, 1_000_000)
    event_id = told()
    assert (settled(reader), take(other)) == ([event_id], [event_id])


def test_new_reader_may_leave_out_the_past(whole_app: Flask) -> None:
    told()
    settle()
    with transaction(SYSTEM) as tx:
        here = present_place(tx)
    event_id = told()
    settle()
    with transaction(SYSTEM) as tx:
        assert [event.id for event in outbox.read(tx, here)] == [event_id]


def test_place_of_an_event_is_where_reading_goes_on(reader: str) -> None:
    first, second = told(), told()
    settle()
    with transaction(SYSTEM) as tx:
        events = outbox.read(tx, START, 1_000_000)
        place = next(event.place for event in events if event.id == first)
        assert isinstance(place, Place)
        assert [event.id for event in outbox.read(tx, place)] == [second]


def test_event_tells_who_did_it_and_whose_echo_it_is(reader: str) -> None:
    with transaction(Caller(SYSTEM.channel, client_id="crm", username="ayşe", origin="link-1")) as tx:
        tell(tx, changed=["given_name"], partners=[UUID(int=5)], is_for_customer=True)
    settle()
    with transaction(SYSTEM) as tx:
        event = outbox.take(tx, reader)[0]
    assert (event.actor, event.origin, event.changed, event.partners) == (
        "user:ayşe",
        "link-1",
        ["given_name"],
        [UUID(int=5)],
    )
    assert (event.is_for_customer, event.record) == (True, {"ad": "Şule"})


def test_listeners_hear_of_commits_alone(whole_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []
    monkeypatch.setattr(outbox, "_listeners", [lambda: heard.append("bell")])
    with pytest.raises(ZeroDivisionError), transaction(SYSTEM) as tx:
        tell(tx)
        raise ZeroDivisionError
    assert heard == []
    told()
    assert heard == ["bell"]


def test_deaf_listener_harms_nobody(whole_app: Flask, monkeypatch: pytest.MonkeyPatch, reader: str) -> None:
    monkeypatch.setattr(outbox, "_listeners", [lambda: 1 / 0])
    event_id = told()
    assert settled(reader) == [event_id]


@pytest.fixture
def nothing_yet(whole_app: Flask, settings: Settings) -> None:
    """No events, and no reader."""
    empty_tables(settings.database_url)


def forget(most: int = 1000) -> int:
    """Forget everything there is now that may be forgotten."""
    with transaction(SYSTEM) as tx:
        return outbox.forget(tx, UUID(int=(1 << 128) - 1), most)


def left() -> list[UUID]:
    """The events that are still there."""
    with transaction(SYSTEM) as tx:
        return [event.id for event in outbox.read(tx, START)]


def test_events_that_are_old_and_read_are_forgotten_and_it_is_told_up_to_where(nothing_yet: None) -> None:
    told(), told()
    settled("bir")
    later = told()
    with transaction(SYSTEM) as tx:
        assert outbox.forget(tx, later) == 2
        assert outbox.forgotten(tx) > START
    settled("bir")
    assert left() == [later]


def test_event_that_a_reader_has_not_read_is_kept(nothing_yet: None) -> None:
    first, second = told(), told()
    assert forget() == 0
    settled("bir")
    settled("yavaş", limit=1)
    assert forget() == 1
    assert left() == [second]
    assert first != second


def test_nothing_young_is_forgotten_though_older_ones_stand_behind_it(nothing_yet: None) -> None:
    young, old = told(), told()
    settled("bir")
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE events SET id = '01000000-0000-7000-8000-000000000000' WHERE id = %s", [old])
        assert outbox.forget(tx, young) == 0
