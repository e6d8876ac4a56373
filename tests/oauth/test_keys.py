"""Signing keys: published before they sign, verifying until their tokens are dead."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jws
from sqlalchemy import text

from gateway import vault
from gateway.db import Query, transaction
from gateway.errors import InvalidToken
from gateway.oauth import jobs, keys, standing
from gateway.oauth.keys import KEEP_RETIRED, PUBLISH_BEFORE_USE, RotationUnderWay
from tests.oauth.conftest import SYSTEM


def kid_of(token: str) -> str:
    return str(jws.extract_compact(token.encode()).headers()["kid"])


def published(http: Any) -> list[str]:
    standing.expire()
    return [key["kid"] for key in http.get("/oauth/jwks").get_json()["keys"]]


def rotate() -> str:
    with transaction(SYSTEM) as tx:
        return keys.rotate(tx).kid


def let_pass(column: str, time: timedelta) -> None:
    with transaction(SYSTEM) as tx:
        tx.run(Query(text(f"UPDATE signing_keys SET {column} = {column} - CAST(:time AS interval)")), time=time)


def test_next_key_is_published_but_does_not_sign(http: Any, register: Any, take_token: Any) -> None:
    client = register()
    active, coming = kid_of(take_token(client)), rotate()
    assert sorted(published(http)) == sorted([active, coming])
    assert kid_of(take_token(client)) == active


def test_next_key_signs_once_it_was_published_long_enough(register: Any, take_token: Any, enter: Any) -> None:
    client = register()
    old, coming = take_token(client), rotate()
    let_pass("published_at", PUBLISH_BEFORE_USE)
    jobs.turn_keys()
    standing.expire()
    new = take_token(client)
    assert kid_of(new) == coming != kid_of(old)
    assert enter(old)
    assert enter(new)


def test_second_rotation_waits_for_the_first(register: Any, take_token: Any) -> None:
    take_token(register())
    coming = rotate()
    with pytest.raises(RotationUnderWay):
        rotate()
    let_pass("published_at", PUBLISH_BEFORE_USE)
    assert rotate() == coming


def test_retired_key_verifies_until_its_tokens_are_dead(http: Any, register: Any, take_token: Any, enter: Any) -> None:
    old = take_token(register())
    rotate()
    let_pass("published_at", PUBLISH_BEFORE_USE)
    jobs.turn_keys()
    jobs.turn_keys()
    assert kid_of(old) in published(http)
    let_pass("retired_at", KEEP_RETIRED)
    jobs.turn_keys()
    assert kid_of(old) not in published(http)
    with pytest.raises(InvalidToken):
        enter(old)


def test_eight_processes_starting_at_once_make_one_key(app: Any) -> None:
    def start(_: int) -> None:
        with transaction(SYSTEM) as tx:
            keys.ensure_first_key(tx)

    with ThreadPoolExecutor(8) as starters:
        list(starters.map(start, range(8)))
    with transaction(SYSTEM) as tx:
        assert [key.state for key in keys.current_keys(tx)] == ["active"]


def test_private_half_is_sealed_and_never_published(http: Any, register: Any, take_token: Any) -> None:
    take_token(register())
    standing.expire()
    assert all("d" not in key for key in http.get("/oauth/jwks").get_json()["keys"])
    with transaction(SYSTEM) as tx:
        key = keys.current_keys(tx)[0]
        assert "d" not in key.public
        assert '"d"' in vault.unseal(key.sealed, f"signing_key:{key.kid}")


def test_key_set_may_be_cached_for_as_long_as_rotation_counts_on(http: Any) -> None:
    answer = http.get("/oauth/jwks")
    assert answer.headers["Cache-Control"] == f"public, max-age={keys.JWKS_MAX_AGE_SECONDS}"
