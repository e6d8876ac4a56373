"""Every record has an ETag that moves with it: it guards changes, and saves reading what is known."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from gateway.channels import Channel
from tests.belongings import Belongings
from tests.conftest import Api, Cast
from tests.routes import routes_of


@pytest.fixture(scope="module")
def belongings(standing_cast: Cast) -> Belongings:
    return Belongings(standing_cast)


def test_whatever_can_be_changed_is_shown_with_an_etag(whole_app: Flask, belongings: Belongings) -> None:
    cast = belongings.cast
    doors: dict[Channel, Api] = {Channel.EXTRANET: cast.eskisehir, Channel.INTRANET: cast.ayse}
    changed = [each for each in routes_of(whole_app) if each.operation and each.operation.needs_version]
    asked = [(each, doors[each.channel]) for each in changed if each.channel in doors]
    assert len(asked) > 4
    for route, api in asked:
        answer = api.get(route.path(**belongings.ids(route.parameters)))
        assert re.fullmatch(f'"{answer.get_json()["version"]}-[0-9a-f]{{8}}"', answer.headers["ETag"]), str(route)


def test_every_patch_asks_for_the_version(whole_app: Flask) -> None:
    patches = [route for route in routes_of(whole_app) if route.method == "PATCH"]
    assert [str(route) for route in patches if not (route.operation and route.operation.needs_version)] == []


@pytest.fixture
def path(standing_cast: Cast) -> str:
    made = standing_cast.ankara.post("/customers", {"kind": "person", "given_name": "Şule"})
    return str(made.headers["Location"])


def test_change_without_if_match_is_a_428(standing_cast: Cast, path: str) -> None:
    answer = standing_cast.ankara.patch(path, {"given_name": "Gül"})
    assert (answer.status_code, answer.get_json()["code"]) == (428, "if_match_required")


@pytest.mark.parametrize("tag", ['"1"', 'W/"1"', ' "1" ', "{}", "W/{}"])
def test_version_is_taken_as_it_was_read_or_alone(standing_cast: Cast, path: str, tag: str) -> None:
    known = {"If-Match": tag.format(standing_cast.ankara.get(path).headers["ETag"])}
    answer = standing_cast.ankara.open("PATCH", path, json={"given_name": "Gül"}, headers=known)
    assert (answer.status_code, answer.headers["ETag"][:3]) == (200, '"2-')


def test_second_writer_of_the_same_version_is_refused(standing_cast: Cast, path: str) -> None:
    assert standing_cast.ankara.patch(path, {"given_name": "Gül"}, version=1).status_code == 200
    late = standing_cast.ankara.patch(path, {"given_name": "Nil"}, version=1)
    assert (late.status_code, late.get_json()["code"]) == (412, "stale_version")
    assert standing_cast.ankara.get(path).get_json()["given_name"] == "Gül"


def test_known_answer_is_not_sent_again(standing_cast: Cast, path: str) -> None:
    known = {"If-None-Match": standing_cast.ankara.get(path).headers["ETag"]}
    unchanged = standing_cast.ankara.get(path, headers=known)
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", known["If-None-Match"])
    standing_cast.ankara.patch(path, {"given_name": "Gül"}, version=1)
    assert standing_cast.ankara.get(path, headers=known).status_code == 200


@pytest.mark.parametrize("tags", ["W/{}", '"7", {}', "*", '{},"2"'])
def test_known_answer_is_recognised_in_every_spelling(standing_cast: Cast, path: str, tags: str) -> None:
    known = {"If-None-Match": tags.format(standing_cast.ankara.get(path).headers["ETag"])}
    assert standing_cast.ankara.get(path, headers=known).status_code == 304


def test_version_alone_does_not_say_what_was_shown(standing_cast: Cast, path: str) -> None:
    assert standing_cast.ankara.get(path, headers={"If-None-Match": '"1"'}).status_code == 200


def test_what_is_nested_counts(standing_cast: Cast, path: str) -> None:
    nested = f"{path}?include=interactions"
    known = {"If-None-Match": standing_cast.ankara.get(nested).headers["ETag"]}
    assert standing_cast.ankara.get(nested, headers=known).status_code == 304
    said = {"customer_id": path.rpartition("/")[2], "channel": "phone", "kind": "inquiry", "direction": "in"}
    assert standing_cast.ankara.post("/interactions", said).status_code == 201
    assert standing_cast.ankara.get(nested, headers=known).status_code == 200


def test_change_is_never_answered_with_nothing(standing_cast: Cast, path: str) -> None:
    known = {"If-Match": '"1"', "If-None-Match": '"1"'}
    assert standing_cast.ankara.open("PATCH", path, json={"given_name": "Şule"}, headers=known).status_code == 200


def test_hidden_record_has_no_etag_to_guess_at(standing_cast: Cast, path: str) -> None:
    hidden = standing_cast.eskisehir.get(path, headers={"If-None-Match": '"1"'})
    assert (hidden.status_code, "ETag" in hidden.headers) == (404, False)
