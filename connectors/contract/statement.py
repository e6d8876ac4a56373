"""What a connector says about itself, and the settings it takes."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import json
from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.base import CAN, STREAMS, Connector, ConnectorError
from connectors.contract.kit import ContractKit
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter
from connectors.wire.json_schema import describe

_WRONG: list[Any] = [object(), None, [], {}, "\x00", -1, 1e300]


class Statement(ContractKit):
    """Its name, abilities, settings, and whether it can tell that all is well."""

    def test_connector_says_what_it_is(self, connector: Connector) -> None:
        assert connector.name and connector.title
        assert set(connector.streams) <= set(STREAMS)
        assert "pull" in connector.can <= CAN

    def test_settings_never_show_their_secrets(self, connector: Connector) -> None:
        shown = repr(connector.Settings().dump(connector.settings)) + repr(connector)
        assert not [secret for secret in self.secrets(connector) if secret in shown]

    def test_settings_name_what_they_do_not_know(self, connector: Connector) -> None:
        assert "no_such_setting" in connector.Settings().validate({"no_such_setting": 1})

    def test_wrong_setting_is_refused_by_its_name(self, connector: Connector) -> None:
        refused = set()
        names = {field.data_key or name for name, field in connector.Settings().fields.items()}
        for name in names:
            for wrong in _WRONG:
                try:
                    connector.Settings().load({name: wrong})
                except ValidationError as invalid:
                    refused |= names & set(invalid.messages_dict) if name in invalid.messages_dict else set()
        assert names - refused == set(), "these settings take anything"

    def test_settings_have_a_json_schema_that_marks_their_secrets(self, connector: Connector) -> None:
        schema = json.loads(json.dumps(describe(connector.Settings)))
        secret = {field.data_key or name for name, field in connector.Settings().fields.items() if field.load_only}
        assert {name for name, each in schema["properties"].items() if each.get("writeOnly")} == secret

    def test_check_passes_with_good_settings(self, connector: Connector) -> None:
        connector.check()

    def test_check_asks_the_partner(self, connector: Connector, wire: FaultyAdapter) -> None:
        connector.check()
        assert wire.sent, "check() asked the partner nothing"

    def test_check_fails_with_a_reason(self, connector: Connector, wire: FaultyAdapter) -> None:
        wire.plan(faults.answer(401, "unknown key"))
        with pytest.raises(ConnectorError, match="401"):
            connector.check()
