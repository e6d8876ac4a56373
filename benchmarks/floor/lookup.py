"""The floor of the look-up: the product's statements and its JSON, without framework, schema, limit or log."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from benchmarks.floor.api import StartResponse, as_json, run
from benchmarks.floor.pool import Pool, Raw, read_staff
from gateway.channels import Caller, Channel
from gateway.consent.purposes import service as purposes
from gateway.customers.fields import ALL
from gateway.customers.reads.noting import as_commands
from gateway.db import now
from gateway.desk.lookup import asking, consents, parts, service, standing, steps
from gateway.interactions import fields, search
from gateway.pool import opening

# Nobody in the base has said anything or wants anything settled, and the purposes are those that are brought.
_OF_NOBODY = (
    consents._SAID,
    standing.MATTERS,
    standing.WORK,
    purposes.KEPT,
    asking.RESTRICTED,
)
_UNASKED = [
    {"purpose": code, **{name: purposes._BROUGHT[code][name] for name in ("english", "turkish")}}
    for code in sorted(purposes._BROUGHT)
    if purposes._BROUGHT[code]["basis"] == "consent"
]
_INTERACTIONS = fields.visible_fields(Channel.INTRANET)


def create_floor() -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The WSGI function."""
    pool, known = Pool(), read_staff()
    as_opened = opening(Caller(Channel.INTRANET))

    def floor(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        caller = known.get(environ.get("HTTP_AUTHORIZATION", ""))
        if caller is None:
            start_response("401 Unauthorized", [])
            return [b""]
        connection = pool.take()
        try:
            connection.execute(as_opened)
            answer = _look_up(connection, parse_qs(environ["QUERY_STRING"])["phone"][0])
            body = as_json(answer)
            shown = (person["customer"]["id"] for person in answer["items"])
            connection.pgconn.exec_(as_commands(caller, "desk", shown) + b";COMMIT")
        finally:
            pool.give(connection)
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    return floor


def _look_up(connection: Raw, phone: str) -> dict[str, Any]:
    """The number comes as it is stored but for its sign."""
    value = f"+9{phone}"
    found = run(connection, service._FIND, key=f"p{value[:0:-1]}", most=service._MOST_READ).fetchall()
    people: list[dict[str, Any]] = [
        {"customer": dict(zip(ALL, row, strict=True)), "interactions": [], **{name: [] for name in parts.PARTS}}
        for row in found
    ]
    by_id = {person["customer"]["id"]: person for person in people}
    names = search._newest(Channel.INTRANET, _INTERACTIONS)
    for row in run(connection, names, ids=list(by_id), most=5).fetchall() if by_id else ():
        shown = search.shown_as(Channel.INTRANET, _INTERACTIONS)(row)
        by_id[shown["customer_id"]]["interactions"].append(shown)
    people.sort(key=lambda person: service._nearness(person, value), reverse=True)
    likeliest, moment = people[: service.MOST], now()
    ids = [person["customer"]["id"] for person in likeliest]
    for statement in _OF_NOBODY if ids else ():
        run(connection, statement, ids=ids).fetchall()
    for person in likeliest:
        person["unasked"] = _UNASKED
        person["next_steps"] = steps.next_steps(person, value, moment)
    return {"items": likeliest, "more": len(people) > service.MOST}
