"""Scopes, roles and channels fit together."""

import pytest

from gateway.accounts.roles import ROLES
from gateway.oauth.scopes import SCOPES, scopes_on


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


def test_administrator_may_be_granted_everything_inside() -> None:
    channel, scopes = ROLES["admin"]
    assert scopes == scopes_on(channel)
