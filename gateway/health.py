"""`/livez`: the process runs · `/readyz`: it can serve · `/metrics`: what it has done."""

from __future__ import annotations

from flask import Blueprint, Response
from redis.exceptions import RedisError
from sqlalchemy import text

from gateway import metrics, queue
from gateway.channels import Caller
from gateway.db import Query, transaction
from gateway.errors import Unavailable
from gateway.json_body import write_json
from gateway.rights import meters as rights_meters
from gateway.sync import meters as sync_meters
from gateway.webhooks.delivery import meters as webhook_meters

blueprint = Blueprint("health", __name__)
_ALIVE = Query(text("SELECT 1"))


@blueprint.get("/livez")
def live() -> Response:
    """200 as long as the process answers at all."""
    return _json({"status": "alive"}, 200)


@blueprint.get("/readyz")
def ready() -> Response:
    """200 when the database answers; a Redis that does not is told but delays work only, so it does not close us."""
    parts = {"database": _database_answers(), "redis": _redis_answers()}
    status = 200 if parts["database"] else 503
    named = {name: "ok" if answers else "does not answer" for name, answers in parts.items()}
    return _json({"status": "ready" if status == 200 else "not ready", **named}, status)


@blueprint.get("/metrics")
def show_metrics() -> Response:
    """Prometheus' text format; without the database, what needs no database."""
    try:
        with transaction(Caller.system("metrics")) as tx:
            standing = sync_meters.exposition(tx) + webhook_meters.exposition(tx) + rights_meters.exposition(tx)
    except Unavailable:
        standing = b""
    return Response(metrics.exposition() + standing, content_type="text/plain; version=0.0.4; charset=utf-8")


def _database_answers() -> bool:
    try:
        with transaction(Caller.system("health")) as tx:
            return tx.first(_ALIVE) is not None
    except Unavailable:
        return False


def _redis_answers() -> bool:
    try:
        return bool(queue.redis().ping())
    except (RedisError, OSError):
        return False


def _json(value: dict[str, str], status: int) -> Response:
    return Response(write_json(value), status, content_type="application/json")
