"""A request under a key has one effect and one answer, however often and however fast it is repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from gateway import idempotency
from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.db import Query, transaction
from tests.conftest import Api, Cast

PERSON = {"kind": "person", "given_name": "Şule"}


def post(api: Api, key: str, body: dict[str, Any] | None = None, path: str = "/customers") -> TestResponse:
    return api.post(path, body or PERSON, headers={"Idempotency-Key": key})


def count(table: str, **equal: str) -> int:
    conditions = "".join(f" AND {name} = :{name}" for name in equal)
    with transaction(Caller.system("test")) as tx:
        row = tx.first(Query(text(f"SELECT count(*) FROM {table} WHERE true{conditions}")), **equal)
    return int(row[0]) if row else 0


def made(name: str) -> int:
    return count("customers", given_name=name)


def test_repeat_gets_the_first_answer_and_has_no_effect(standing_cast: Cast) -> None:
    body = {**PERSON, "given_name": "Tekrar"}
    first, second = post(standing_cast.ankara, "tekrar", body), post(standing_cast.ankara, "tekrar", body)
    assert (first.status_code, second.status_code, second.data) == (201, 201, first.data)
    assert [second.headers[name] for name in ("Location", "ETag")] == [
        first.headers[name] for name in ("Location", "ETag")
    ]
    assert (first.headers.get("Idempotent-Replayed"), second.headers["Idempotent-Replayed"]) == (None, "true")
    assert made("Tekrar") == 1


def test_repeat_is_the_first_answer_even_when_the_record_has_changed(standing_cast: Cast) -> None:
    first = post(standing_cast.ankara, "sonra")
    path = first.headers["Location"]
    assert standing_cast.ankara.patch(path, {"given_name": "Başka"}, version=1).status_code == 200
    assert post(standing_cast.ankara, "sonra").data == first.data


def test_other_body_under_the_key_is_a_422(standing_cast: Cast) -> None:
    post(standing_cast.ankara, "başka".encode().hex())
    answer = post(standing_cast.ankara, "başka".encode().hex(), {**PERSON, "given_name": "Öteki"})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "idempotency_key_reused")
    assert made("Öteki") == 0


def test_other_address_under_the_key_is_a_422(standing_cast: Cast) -> None:
    post(standing_cast.eskisehir, "adres")
    call = {"channel": "web", "kind": "inquiry", "direction": "in", "customer_id": str(standing_cast.cem_id)}
    assert post(standing_cast.eskisehir, "adres", call, "/interactions").status_code == 422


def test_keys_of_two_callers_are_independent(standing_cast: Cast) -> None:
    answers = [post(api, "ortak") for api in (standing_cast.ankara, standing_cast.eskisehir, standing_cast.ayse)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.get_json()["id"] for answer in answers}) == 3


def test_refused_request_stores_nothing_and_can_be_mended(standing_cast: Cast) -> None:
    assert post(standing_cast.ankara, "düzelt".encode().hex(), {"kind": "person"}).status_code == 422
    assert post(standing_cast.ankara, "düzelt".encode().hex(), PERSON).status_code == 201


def test_refusal_by_the_handler_stores_nothing(standing_cast: Cast) -> None:
    call = {"channel": "web", "kind": "inquiry", "direction": "in", "customer_id": str(standing_cast.cem_id)}
    assert post(standing_cast.ankara, "gizli", call, "/interactions").status_code == 404
    assert count("idempotency_keys", key="gizli") == 0


def test_requests_without_a_key_are_all_done(standing_cast: Cast) -> None:
    for _ in range(2):
        assert standing_cast.ankara.post("/customers", {**PERSON, "given_name": "Anahtarsız"}).status_code == 201
    assert made("Anahtarsız") == 2


@contextmanager
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, Callable[[], None]]]:
    """Creations that stop inside their transaction: an event that says one has come so far, and the way to let go."""
    arrived, go_on, create = threading.Event(), threading.Event(), customers.create

    def create_slowly(*given: Any) -> Any:
        row = create(*given)
        arrived.set()
        assert go_on.wait(10)
        return row

    monkeypatch.setattr(customers, "create", create_slowly)
    try:
        yield arrived, go_on.set
    finally:
        go_on.set()


def test_repeat_while_the_first_still_runs_is_a_409(standing_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with ThreadPoolExecutor(1) as pool, held(monkeypatch) as (arrived, let_go):
        first = pool.submit(post, standing_cast.ankara, "sürüyor".encode().hex())
        assert arrived.wait(10)
        second = post(standing_cast.ankara, "sürüyor".encode().hex())
        let_go()
        assert first.result().status_code == 201
    assert (second.status_code, second.get_json()["code"]) == (409, "idempotency_key_in_use")
    assert second.headers["Retry-After"] == "1"


def test_eight_that_race_have_one_effect(standing_cast: Cast) -> None:
    body = {**PERSON, "given_name": "Yarış"}
    barrier = threading.Barrier(8)

    def race(_: int) -> TestResponse:
        barrier.wait(10)
        return post(standing_cast.ankara, "yaris", body)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(race, range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.get_json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert made("Yarış") == 1
    assert post(standing_cast.ankara, "yaris", body).status_code == 201


def test_failure_after_the_effect_undoes_it_with_its_answer(
    standing_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {**PERSON, "given_name": "Yarım"}
    with monkeypatch.context() as broken:
        broken.setattr(idempotency, "keep", lambda *_: 1 / 0)
        assert post(standing_cast.ankara, "yarim", body).status_code == 500
    assert made("Yarım") == 0
    assert post(standing_cast.ankara, "yarim", body).status_code == 201


@pytest.mark.parametrize(("hours", "kept"), [(23, 1), (25, 0)])
def test_answer_is_forgotten_after_a_day(standing_cast: Cast, hours: int, kept: int) -> None:
    key = f"eski-{hours}"
    post(standing_cast.ankara, key)
    with transaction(Caller.system("test")) as tx:
        age = Query(text("UPDATE idempotency_keys SET created_at = created_at - :age WHERE key = :key"))
        tx.run(age, age=timedelta(hours=hours), key=key)
    idempotency.forget_old_keys()
    assert count("idempotency_keys", key=key) == kept


def test_same_key_after_a_day_is_a_new_request(standing_cast: Cast) -> None:
    first = post(standing_cast.ankara, "dün".encode().hex())
    with transaction(Caller.system("test")) as tx:
        tx.run(Query(text("UPDATE idempotency_keys SET created_at = created_at - interval '25 hours'")))
    idempotency.forget_old_keys()
    assert post(standing_cast.ankara, "dün".encode().hex()).get_json()["id"] != first.get_json()["id"]
