"""What belongs to one partner is not there for another: on every route, in every list, and in the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import true
from werkzeug.test import TestResponse

from gateway.accounts import service as accounts
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.customers import search as customer_search
from gateway.customers import service as customers
from gateway.customers.models import Customer, Share
from gateway.db import transaction
from gateway.interactions import search as interaction_search
from gateway.interactions import service as interactions
from gateway.interactions.models import Interaction
from tests.belongings import BODIES, MAKERS, SECRET_WORD, WORDS, Belongings
from tests.conftest import Api, Cast, person_token
from tests.routes import Route, routes_of

Rows = list[tuple[Any, ...]]
LISTS = (
    "/customers",
    f"/customers?q={SECRET_WORD}",
    "/customers?q=yesilirmak",
    f"/customers?identifier=erp:{SECRET_WORD}",
    "/customers?status=active&sort=-updated_at&limit=200",
    "/customers?sort=display_name&include=interactions",
    "/interactions",
    "/interactions?kind=complaint",
    f"/interactions?q={SECRET_WORD}",
    "/interactions?sort=-created_at&limit=200",
    "/matters",
    "/matters?status=open&limit=200",
    "/events?limit=200",
    "/events?type=customer.*&since=2020-01-01T00:00:00Z",
    "/event-types?limit=200",
)


@pytest.fixture(scope="module")
def belongings(standing_cast: Cast) -> Belongings:
    """Every kind of record, all of Eskişehir's."""
    owned = Belongings(standing_cast)
    owned.ids(list(MAKERS))
    return owned


@pytest.fixture(scope="module")
def strangers(belongings: Belongings) -> dict[Channel, Api]:
    """Those for whom none of it is there: the other partner, and a customer of nobody's."""
    cast = belongings.cast
    with transaction(Caller.system("test")) as tx:
        own = customers.create(tx, {"kind": "person", "given_name": "Ayhan"})
        accounts.add_user(
            tx, "ayhan", "sedan-sever-35", Channel.INTERNET, "customer", customer_id=own["id"], display_name="Ayhan"
        )
        ayhan = Api(cast.ayse.client, Channel.INTERNET, person_token(tx, "ayhan", Channel.INTERNET))
    assert cast.ankara.post("/customers", {"kind": "person", "given_name": "Ankaralı"}).status_code == 201
    return {Channel.EXTRANET: cast.ankara, Channel.INTERNET: ayhan}


@pytest.fixture
def wall_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Services whose own condition on rows is gone, so that the database's policies stand alone."""

    def every_customer(channel: Channel) -> tuple[Any, Any]:
        return Customer.__table__.outerjoin(Share.__table__, Customer.id == Share.customer_id), true()

    def every_interaction(channel: Channel) -> tuple[Any, Any]:
        return Interaction.__table__, true()

    for module, everything in ((customer_search, every_customer), (interaction_search, every_interaction)):
        monkeypatch.setattr(module, "visible_to", everything)
    for service, everything in ((customers, every_customer), (interactions, every_interaction)):
        monkeypatch.setattr(service, "visible_to", everything)
        monkeypatch.setattr(service, "_LOCKED", {channel: service._locked(channel) for channel in Channel})
    forget_statements()
    yield
    forget_statements()


def forget_statements() -> None:
    for cached in (customer_search._one, customer_search._many, interaction_search._one, interaction_search._many):
        cached.cache_clear()
    interaction_search._newest.cache_clear()


def guarded_routes(app: Flask) -> list[Route]:
    return [route for route in routes_of(app) if route.parameters and route.channel is not Channel.INTRANET]


def send(api: Api, route: Route, path: str) -> TestResponse:
    body = BODIES.get(route.operation.name, {}) if route.operation else {}
    return api.open(route.method, path, json=body, headers={"If-Match": '"1"'})


def opens(app: Flask, belongings: Belongings, strangers: dict[Channel, Api]) -> list[str]:
    """The routes on which a stranger gets anything but 404 for what is Eskişehir's."""
    asked = [(route, route.path(**belongings.ids(route.parameters))) for route in guarded_routes(app)]
    answers = [(route, send(strangers[route.channel], route, path)) for route, path in asked]
    return [f"{route}: {answer.status_code}" for route, answer in answers if answer.status_code != 404]


def leaks(belongings: Belongings, strangers: dict[Channel, Api]) -> list[str]:
    """The lists in which a stranger finds a trace of what is Eskişehir's."""
    traces = {
        SECRET_WORD,
        *(belongings.get(name) for name in MAKERS if name not in WORDS),
        str(belongings.cast.cem_id),
    }
    asked = [(api, path) for api in strangers.values() for path in LISTS]
    answers = [(api, path, api.get(path)) for api, path in asked]
    assert [path for _, path, answer in answers if answer.status_code != 200] == []
    shown = [(api.channel, path, str(answer.get_json()["items"])) for api, path, answer in answers]
    return [f"{channel} {path}" for channel, path, text in shown if any(trace in text for trace in traces)]


def test_every_kind_of_id_has_an_owner_to_try_it_with(whole_app: Flask) -> None:
    assert {name for route in guarded_routes(whole_app) for name in route.parameters} - set(MAKERS) == set()


def test_owner_reaches_what_the_stranger_is_refused(whole_app: Flask, belongings: Belongings) -> None:
    owner = belongings.cast.eskisehir
    reads = [route for route in guarded_routes(whole_app) if (route.channel, route.method) == (owner.channel, "GET")]
    assert len(reads) >= 4
    for route in reads:
        assert owner.get(route.path(**belongings.ids(route.parameters))).status_code == 200, str(route)


def test_other_partners_record_is_not_there_on_any_route(
    whole_app: Flask, belongings: Belongings, strangers: dict[Channel, Api]
) -> None:
    assert opens(whole_app, belongings, strangers) == []


def test_refusal_of_a_hidden_record_is_that_of_an_absent_one(
    whole_app: Flask, belongings: Belongings, strangers: dict[Channel, Api]
) -> None:
    for route in guarded_routes(whole_app):
        hidden = send(strangers[route.channel], route, route.path(**belongings.ids(route.parameters)))
        nowhere = dict.fromkeys(route.parameters, "01890000-0000-7000-8000-000000000000")
        absent = send(strangers[route.channel], route, route.path(**nowhere))
        assert {**hidden.get_json(), "request_id": ""} == {**absent.get_json(), "request_id": ""}, str(route)


def test_no_list_filter_or_inclusion_shows_a_trace(belongings: Belongings, strangers: dict[Channel, Api]) -> None:
    assert leaks(belongings, strangers) == []


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/webhooks/endpoints", 1),
        ("/webhooks/messages", 1),
        ("/webhooks/attempts", 1),
        ("/operations", 2),
        ("/imports", 1),
        ("/exports", 1),
        ("/claims", 1),
        ("/referrals", 1),
    ],
)
def test_what_belongs_to_another_is_not_listed(
    belongings: Belongings, strangers: dict[Channel, Api], path: str, count: int
) -> None:
    assert strangers[Channel.EXTRANET].get(path).get_json()["items"] == []
    assert len(belongings.cast.eskisehir.get(path).get_json()["items"]) == count


def test_no_interaction_is_recorded_on_a_hidden_customer(belongings: Belongings, strangers: dict[Channel, Api]) -> None:
    call = {"channel": "web", "kind": "inquiry", "direction": "in", "customer_id": belongings.get("customer_id")}
    assert [api.post("/interactions", call).status_code for api in strangers.values()] == [404, 404]


@pytest.mark.parametrize("path", ["/customers", "/interactions"])
def test_cursor_of_another_is_refused(belongings: Belongings, strangers: dict[Channel, Api], path: str) -> None:
    cast = belongings.cast
    cast.eskisehir.post(
        "/interactions", {"channel": "web", "kind": "inquiry", "direction": "in", "customer_id": str(cast.cem_id)}
    )
    cursor = cast.eskisehir.get(f"{path}?limit=1").get_json()["next"]
    assert cursor is not None
    for api in strangers.values():
        refused = api.get(f"{path}?limit=1&cursor={cursor}")
        assert (refused.status_code, refused.get_json()["errors"][0]["parameter"]) == (400, "cursor")


def test_hidden_customers_never_show_in_the_length_of_a_page(
    belongings: Belongings, strangers: dict[Channel, Api]
) -> None:
    for api in strangers.values():
        page = api.get("/customers?limit=1").get_json()
        assert (len(page["items"]), page["next"]) == (1, None)


def test_database_alone_hides_every_record(
    wall_alone: None, whole_app: Flask, belongings: Belongings, strangers: dict[Channel, Api]
) -> None:
    assert opens(whole_app, belongings, strangers) == []


def test_database_alone_leaves_no_trace_in_lists(
    wall_alone: None, belongings: Belongings, strangers: dict[Channel, Api]
) -> None:
    assert leaks(belongings, strangers) == []


def test_with_the_condition_gone_the_house_sees_all(wall_alone: None, belongings: Belongings) -> None:
    """Else the two tests before could pass because the condition was never taken out."""
    found = belongings.cast.ayse.get(f"/customers?q={SECRET_WORD}").get_json()["items"]
    assert {each["id"] for each in found} == {belongings.get("customer_id")}


@pytest.fixture
def bare(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the installation's own role on which nobody said who is calling."""
    with psycopg.connect(settings.database_url.replace("postgresql+psycopg", "postgresql")) as connection:
        yield connection
        connection.rollback()


_TABLES = """
    SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def tables_of(bare: psycopg.Connection[Any]) -> dict[str, bool]:
    return {name: forced for name, forced in bare.execute(_TABLES).fetchall() if name != "alembic_version"}


def test_every_table_forces_row_level_security(bare: psycopg.Connection[Any]) -> None:
    tables = tables_of(bare)
    assert len(tables) > 15
    assert [name for name, forced in tables.items() if not forced] == []


def test_role_cannot_look_past_the_policies(bare: psycopg.Connection[Any]) -> None:
    role = "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    assert bare.execute(role).fetchone() == (False, False)


def test_nobody_named_means_nothing_seen(belongings: Belongings, bare: psycopg.Connection[Any]) -> None:
    for channel in (None, "", "odd"):
        if channel is not None:
            bare.execute("SELECT set_config('kopru.channel', %s, true)", [channel])
        seen = {name: bare.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables_of(bare)}
        open_to_anybody = {"idempotency_keys"} if channel else set()
        assert {name for name, count in seen.items() if count != (0,)} <= open_to_anybody


def as_ankara(cast: Cast) -> Caller:
    return Caller(channel=Channel.EXTRANET, client_id="ankara", partner_id=cast.ankara.partner_id, partner="ankara")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE customers SET given_name = 'Ele Geçti'",
        "DELETE FROM customers",
        "UPDATE shares SET partner_id = caller_partner()",
        "DELETE FROM shares",
        "UPDATE interactions SET partner_id = caller_partner(), visibility = 'partner'",
        "DELETE FROM interactions",
        "DELETE FROM customer_keys",
        "UPDATE webhook_endpoints SET url = 'https://ankara.example/'",
        "DELETE FROM webhook_attempts",
        "DELETE FROM events",
        "UPDATE partners SET granted_fields = '{birth_date,tax_id}' WHERE id <> caller_partner()",
    ],
)
def test_database_refuses_a_partner_to_change_anothers_rows(belongings: Belongings, change: str) -> None:
    with transaction(as_ankara(belongings.cast)) as tx:
        tx.raw.execute("DELETE FROM shares")
        assert tx.raw.execute(change).rowcount == 0
        tx.raw.rollback()


@pytest.mark.parametrize("make", ["share", "interaction", "endpoint"])
def test_database_refuses_a_partner_to_make_rows_in_anothers_name(belongings: Belongings, make: str) -> None:
    theirs, customer = belongings.cast.eskisehir.partner_id, belongings.get("customer_id")
    statements: dict[str, tuple[str, list[Any]]] = {
        "share": (
            "INSERT INTO shares VALUES (caller_partner(), %s, now(), 'sale', 'active', '', '', now(), now())",
            [customer],
        ),
        "interaction": (
            "INSERT INTO interactions (id, customer_id, partner_id, channel, kind, direction, occurred_at, products, "
            "visibility, attributes, search_key, created_at, updated_at) VALUES (gen_random_uuid(), %s, %s, 'web', "
            "'other', 'in', now(), '[]', 'shared', '{}', '', now(), now())",
            [customer, theirs],
        ),
        "endpoint": (
            "INSERT INTO webhook_endpoints (id, channel, partner_id, url, description, event_types, status, "
            "created_at, updated_at) VALUES (gen_random_uuid(), 'extranet', %s, 'https://a.example', "
            "'', '{}', 'active', now(), now())",
            [theirs],
        ),
    }
    with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(as_ankara(belongings.cast)) as tx:
        tx.raw.execute(*statements[make])


def test_database_lets_no_partner_end_a_record_it_may_change(belongings: Belongings) -> None:
    cast = belongings.cast
    caller = Caller(channel=Channel.EXTRANET, client_id="eskisehir", partner_id=cast.eskisehir.partner_id)
    with transaction(caller) as tx:
        assert tx.raw.execute("UPDATE customers SET locale = 'tr-TR'").rowcount > 0
        assert tx.raw.execute("DELETE FROM customers").rowcount == 0
        assert tx.raw.execute("DELETE FROM interactions").rowcount == 0
        tx.raw.rollback()
