"""Scopes, roles and channels fit together."""

import pytest

from gateway.accounts.roles import ROLES
from gateway.channels import Channel
from gateway.oauth.scopes import SCOPES, scopes_on, sentence_of


@pytest.mark.parametrize("role", ROLES)
def test_role_may_be_granted_only_scopes_of_its_channel(role: str) -> None:
    channel, scopes = ROLES[role]
    assert scopes
    assert scopes <= scopes_on(channel)


def test_every_scope_explains_itself_in_both_languages() -> None:
    for scope in SCOPES.values():
        assert scope.sentence.endswith(".")
        assert scope.turkish.endswith(".")
        assert scope.channels


@pytest.mark.parametrize("is_turkish", [False, True])
def test_customers_are_asked_about_what_is_theirs_and_nobody_else_is(is_turkish: bool) -> None:
    for scope in scopes_on(Channel.INTERNET):
        own = sentence_of(scope, Channel.INTERNET, is_turkish=is_turkish)
        staff = sentence_of(scope, Channel.INTRANET, is_turkish=is_turkish)
        assert own.endswith(".")
        assert own != staff
        assert is_turkish or " you" in own


def test_administrator_may_be_granted_everything_inside() -> None:
    channel, scopes = ROLES["admin"]
    assert scopes == scopes_on(channel)
