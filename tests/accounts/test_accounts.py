"""People's accounts: who may be added, how they sign in, what slows a guesser down."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask

from gateway.accounts import lockout, passwords, service
from gateway.accounts.lockout import network_of
from gateway.accounts.models import User
from gateway.accounts.passwords import delay_seconds
from gateway.accounts.service import SignInRefused, UsernameTaken
from gateway.channels import Caller, Channel
from gateway.db import Transaction, new_id, now, transaction
from gateway.errors import Invalid
from gateway.partners import service as partners

PASSWORD = "çok gizli ışık 35"
HERE = "192.0.2.7"


@pytest.fixture
def tx(system: Transaction) -> Transaction:
    return system


@pytest.fixture
def isik(app: Flask, tx: Transaction) -> User:
    """Işık of the call centre."""
    return service.add_user(tx, "Işık", PASSWORD, Channel.INTRANET, "agent", display_name="Işık Öz")


@pytest.mark.parametrize("spelling", ["Işık", "ışık", "IŞIK", "işik", " İŞİK "])
def test_person_signs_in_with_any_spelling_of_the_name(tx: Transaction, isik: User, spelling: str) -> None:
    assert service.sign_in(tx, spelling, PASSWORD, HERE).id == isik.id


def test_no_two_people_share_a_name_in_any_spelling(tx: Transaction, isik: User) -> None:
    with pytest.raises(UsernameTaken):
        service.add_user(tx, "IŞIK", PASSWORD, Channel.INTRANET, "agent")


def test_password_is_kept_as_argon2id(isik: User) -> None:
    assert isik.password_hash.startswith("$argon2id$")
    assert PASSWORD not in isik.password_hash


BAD_PEOPLE: dict[str, dict[str, Any]] = {
    "space in the name": {"username": "a b"},
    "empty name": {"username": " "},
    "nul in the name": {"username": "a\x00"},
    "endless name": {"username": "a" * 255},
    "short password": {"password": "kısa"},
    "endless password": {"password": "x" * 257},
    "password is the name": {"username": "ışıkışıkışık", "password": "IŞIKIŞIKIŞIK"},
    "role of another channel": {"role": "customer"},
    "unknown role": {"role": "king"},
    "partner inside": {"partner_id": new_id()},
    "customer inside": {"customer_id": new_id()},
    "partner's person without partner": {"channel": Channel.EXTRANET, "role": "partner_staff"},
    "customer without record": {"channel": Channel.INTERNET, "role": "customer"},
}


@pytest.mark.parametrize("bad", BAD_PEOPLE)
def test_bad_people_cannot_be_added(tx: Transaction, bad: str) -> None:
    good = {"username": "ayşe", "password": PASSWORD, "channel": Channel.INTRANET, "role": "agent"}
    with pytest.raises(Invalid):
        service.add_user(tx, **{**good, **BAD_PEOPLE[bad]})


@pytest.mark.parametrize(("username", "password"), [("ışık", "yanlış"), ("yok", PASSWORD), ("a\x00b", "x"), ("", "")])
def test_wrong_sign_ins_get_one_answer(tx: Transaction, isik: User, username: str, password: str) -> None:
    with pytest.raises(SignInRefused, match="The name or the password is not right"):
        service.sign_in(tx, username, password, HERE)


def test_disabled_person_cannot_sign_in(tx: Transaction, isik: User) -> None:
    service.set_status(tx, isik, "disabled")
    with pytest.raises(SignInRefused):
        service.sign_in(tx, "ışık", PASSWORD, HERE)


def fail(tx: Transaction, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            service.sign_in(tx, "ışık", "yanlış parola", HERE)


def test_delay_grows_with_each_failure_and_ends_at_a_quarter_of_an_hour() -> None:
    delays = [delay_seconds(failures, 5) for failures in range(20)]
    assert delays[:5] == [0] * 5
    assert delays[5:12] == [15, 30, 60, 120, 240, 480, 900]
    assert set(delays[12:]) == {900}


def test_person_is_locked_out_after_five_failures(tx: Transaction, isik: User) -> None:
    fail(tx, lockout.FREE_FOR_A_PERSON)
    assert isik.is_locked(now())
    with pytest.raises(SignInRefused):
        service.sign_in(tx, "ışık", PASSWORD, HERE)


def test_lock_opens_by_itself_and_success_forgives(tx: Transaction, isik: User) -> None:
    fail(tx, lockout.FREE_FOR_A_PERSON)
    isik.locked_until = now() - timedelta(seconds=1)
    service.sign_in(tx, "ışık", PASSWORD, HERE)
    assert (isik.failed_sign_ins, isik.locked_until) == (0, None)


def test_guesses_while_locked_do_not_prolong_the_lock(tx: Transaction, isik: User) -> None:
    fail(tx, lockout.FREE_FOR_A_PERSON)
    until = isik.locked_until
    fail(tx, 3)
    assert isik.locked_until == until


def test_failure_is_counted_when_it_is_caught_inside_the_transaction(app: Flask) -> None:
    caller = Caller.system("test")
    with transaction(caller) as tx:
        service.add_user(tx, "ışık", PASSWORD, Channel.INTRANET, "agent")
    with transaction(caller) as tx:
        fail(tx, 1)
    with transaction(caller) as tx:
        found = service.find(tx, "ışık")
        assert found is not None
        assert found.failed_sign_ins == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "unknown"),
        ("x\x00", "unknown"),
    ],
)
def test_what_is_counted_for_an_address(address: str, network: str) -> None:
    assert network_of(address) == network


def cpu_of(work: Callable[[], object]) -> float:
    """Seconds of this thread's processor time, in which one lane of argon2 is counted: a busy machine changes none."""
    started = time.thread_time()
    work()
    return time.thread_time() - started


def test_unknown_person_takes_as_long_as_a_wrong_password() -> None:
    stored = passwords.hash_password(PASSWORD)
    rounds = [[cpu_of(partial(passwords.is_right, each, "yanlış parola")) for each in (stored, None)] for _ in range(7)]
    known, unknown = map(min, zip(*rounds, strict=True))
    assert 0.5 < unknown / known < 2


def test_endless_password_costs_no_more_than_a_short_one() -> None:
    stored = passwords.hash_password(PASSWORD)
    assert not passwords.is_right(stored, "x" * 1_000_000)


def test_new_password_replaces_the_old_one(tx: Transaction, isik: User) -> None:
    service.change_password(tx, isik, "başka bir gizli söz")
    assert service.sign_in(tx, "ışık", "başka bir gizli söz", HERE)
    with pytest.raises(SignInRefused):
        service.sign_in(tx, "ışık", PASSWORD, HERE)


def test_partner_sees_its_own_people_only(app: Flask, tx: Transaction) -> None:
    ours, theirs = (partners.add(tx, code, code.title()).id for code in ("izmir", "trabzon"))
    for name, partner_id in (("ipek", ours), ("şule", theirs)):
        service.add_user(tx, name, PASSWORD, Channel.EXTRANET, "partner_staff", partner_id=partner_id)
    service.add_user(tx, "ayşe", PASSWORD, Channel.INTRANET, "agent")
    tx.raw.execute("SET LOCAL kopru.channel = 'extranet'")
    tx.raw.execute(f"SET LOCAL kopru.partner = '{ours}'")
    assert [user.username for user in service.list_users(tx)] == ["ipek"]
    tx.raw.execute("SET LOCAL kopru.channel = ''")
    tx.raw.execute("SET LOCAL kopru.partner = ''")
    assert service.list_users(tx) == []
    tx.raw.execute("SET LOCAL kopru.channel = 'system'")
