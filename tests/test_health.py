"""Health tells what is wrong; only what makes serving impossible closes the doors."""

from __future__ import annotations

import pytest
import redis as redis_library
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine

from gateway import pool, queue


@pytest.fixture
def client(whole_app: Flask) -> FlaskClient:
    return whole_app.test_client()


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch, whole_app: Flask) -> None:
    monkeypatch.setattr(queue, "_pool", redis_library.ConnectionPool.from_url("redis://127.0.0.1:1/0"))


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch, whole_app: Flask) -> None:
    monkeypatch.setattr(pool, "_engine", create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))


def test_running_set_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/livez").get_json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()) == (200, {"status": "ready", "database": "ok", "redis": "ok"})


def test_dead_redis_is_told_and_closes_nothing(client: FlaskClient, no_redis: None) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["redis"]) == (200, "does not answer")


def test_dead_database_is_not_ready_but_alive(client: FlaskClient, no_database: None) -> None:
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"], ready.get_json()["database"]) == (
        503,
        "not ready",
        "does not answer",
    )
    assert client.get("/livez").status_code == 200


def test_health_says_nothing_of_the_inside(client: FlaskClient, no_database: None, no_redis: None) -> None:
    told = client.get("/readyz").text
    assert [word for word in ("127.0.0.1", "nobody", "psycopg", "refused") if word in told] == []
