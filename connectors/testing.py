"""The tests every connector inherits: subclass `ConnectorContract`, give it a partner to talk to and a connector.

class TestMine(ConnectorContract):
    @pytest.fixture
    def partner(self): ...            # a running partner system with the four levers of `Partner`, and any of `Levers`

    def connect(self, partner, http): # a connector with pages of at most three records
        return Mine(Mine.Settings().load({...}), http)
"""

from __future__ import annotations

from connectors.contract.abilities import Abilities
from connectors.contract.content import Content
from connectors.contract.failing import Failing
from connectors.contract.following import Following
from connectors.contract.partner import Levers, Partner
from connectors.contract.pulling import Pulling
from connectors.contract.pushing import Pushing
from connectors.contract.secrecy import Secrecy
from connectors.contract.statement import Statement

__all__ = ["ConnectorContract", "Levers", "Partner"]


class ConnectorContract(Abilities, Secrecy, Failing, Content, Pushing, Following, Pulling, Statement):
    """What Köprü relies on, connector by connector; pytest begins with the last of these."""
