"""Every route of every channel, found by walking the URL map: declared, documented, and closed without its scope."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from gateway.channels import DOORS, Caller, Channel
from gateway.db import transaction
from gateway.oauth import service as oauth
from gateway.oauth.scopes import SCOPES, scopes_on
from tests.conftest import BASE_URL, Cast, fetch_token
from tests.routes import Route, routes_of


@pytest.fixture(scope="module")
def routes(whole_app: Flask) -> list[Route]:
    return routes_of(whole_app)


def anywhere(route: Route) -> str:
    return route.path(**{name: str(uuid4()) for name in route.parameters})


def ask(cast: Cast, route: Route, token: str | None) -> TestResponse:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    return cast.ayse.client.open(anywhere(route), method=route.method, json={}, headers=headers)


def test_every_route_declares_a_scope_of_its_channel(routes: list[Route]) -> None:
    assert len(routes) > 20
    undeclared = [str(route) for route in routes if route.operation is None]
    foreign = [
        str(route) for route in routes if route.operation and route.operation.scope not in scopes_on(route.channel)
    ]
    assert (undeclared, foreign) == ([], [])


def test_every_scope_exists_on_at_least_one_channel() -> None:
    assert [
        scope.name for scope in SCOPES.values() if not set(scope.channels) <= set(DOORS) or not scope.channels
    ] == []


@pytest.mark.parametrize("channel", DOORS)
def test_document_of_a_channel_shows_its_routes_and_no_other(
    whole_app: Flask, routes: list[Route], channel: Channel
) -> None:
    document = whole_app.test_client().get(f"/{channel.value}/openapi.json").get_json()
    shown = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert shown == {(route.documented_path, route.method) for route in routes if route.channel is channel}


@pytest.mark.parametrize("channel", DOORS)
def test_document_names_the_scope_of_every_operation(whole_app: Flask, routes: list[Route], channel: Channel) -> None:
    paths = whole_app.test_client().get(f"/{channel.value}/openapi.json").get_json()["paths"]
    for route in routes:
        if route.channel is channel and route.operation is not None:
            described = paths[route.documented_path][route.method.lower()]
            assert described["security"] == [{"oauth": [scope]} for scope in route.operation.scopes]


def test_nobody_enters_without_a_token(standing_cast: Cast, routes: list[Route]) -> None:
    for route in routes:
        answer = ask(standing_cast, route, None)
        metadata = f'resource_metadata="{BASE_URL}/.well-known/oauth-protected-resource/{route.channel.value}"'
        assert (str(route), answer.status_code) == (str(route), 401)
        assert answer.headers["WWW-Authenticate"] == f"Bearer {metadata}"


def test_no_channel_takes_anothers_token(standing_cast: Cast, routes: list[Route]) -> None:
    apis = (standing_cast.eskisehir, standing_cast.ayse, standing_cast.cem)
    for route, api in itertools.product(routes, apis):
        if api.channel is not route.channel:
            answer = ask(standing_cast, route, api.token)
            assert (str(route), answer.status_code) == (str(route), 401)
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
            assert answer.get_json()["code"] == "invalid_token"


def lacking(cast: Cast, channel: Channel, scopes: tuple[str, ...]) -> str:
    """A token with every scope of the channel but some."""
    with transaction(Caller.system("test")) as tx:
        client, secret = oauth.add_client(
            tx,
            f"without {' '.join(scopes)}",
            channel,
            partner_id=cast.ankara.partner_id if channel is Channel.EXTRANET else None,
            auth_method="client_secret_basic",
            grants=["client_credentials"],
            redirect_uris=[],
            scopes=sorted(scopes_on(channel).difference(scopes)),
        )
    return fetch_token(cast.ayse.client, client.client_id, secret or "")


def by_scopes(routes: list[Route]) -> Iterator[tuple[Channel, tuple[str, ...], list[Route]]]:
    known = {(route.channel, route.operation.scopes) for route in routes if route.operation}
    for channel, scopes in sorted(known):
        of_scopes = [
            each for each in routes if each.operation and (each.channel, each.operation.scopes) == (channel, scopes)
        ]
        yield channel, scopes, of_scopes


def test_no_route_opens_without_its_scope(standing_cast: Cast, routes: list[Route]) -> None:
    for channel, scopes, guarded in by_scopes(routes):
        token = lacking(standing_cast, channel, scopes)
        for route in guarded:
            answer = ask(standing_cast, route, token)
            assert (str(route), answer.status_code) == (str(route), 403)
            assert answer.headers["WWW-Authenticate"] == f'Bearer error="insufficient_scope", scope="{scopes[0]}"'
            assert answer.get_json()["code"] == "insufficient_scope"


def test_absent_id_is_a_404_on_every_route(standing_cast: Cast, routes: list[Route]) -> None:
    """With a body of no meaning a write may also say so first; it never succeeds."""
    for route in routes:
        if route.parameters:
            api = {Channel.EXTRANET: standing_cast.ankara, Channel.INTRANET: standing_cast.ayse}.get(route.channel)
            answer = (api or standing_cast.cem).open(
                route.method, anywhere(route), headers={"If-Match": '"1"'}, json={}
            )
            allowed = {404, 422} if route.operation and route.operation.body else {404}
            assert answer.status_code in allowed, (str(route), answer.text)
