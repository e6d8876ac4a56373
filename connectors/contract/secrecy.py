"""What must stay inside: secrets in no error and no log, requests on no other host."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import base64
import logging
import traceback
from urllib.parse import quote, quote_plus

import pytest

from connectors.base import Connector, ConnectorError
from connectors.contract.kit import ContractKit
from connectors.contract.partner import Partner
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter

_ELSEWHERE = ["http://169.254.169.254/latest", "//169.254.169.254/latest", "http://169.254.169.254:80@other.example/"]


def _disguises(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret), base64.b64encode(secret.encode()).decode().rstrip("=")}


class Secrecy(ContractKit):
    """Nothing leaks, nothing leaves."""

    def test_errors_never_show_a_secret(self, connector: Connector, wire: FaultyAdapter) -> None:
        secrets = self.secrets(connector)
        echo = " ".join(secrets)
        for fault in (faults.answer(401, echo), faults.answer(500, echo), faults.answer(200, echo), faults.refused()):
            wire.plan(fault)
            with pytest.raises(ConnectorError) as caught:
                self.pull(connector)
            shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
            assert secrets and not [each for secret in secrets for each in _disguises(secret) if each in shown]

    def test_logs_never_show_a_secret(
        self, connector: Connector, partner: Partner, adapter: FaultyAdapter, caplog: pytest.LogCaptureFixture
    ) -> None:
        self.fill(partner)
        with caplog.at_level(logging.DEBUG):
            connector.check()
            self.pull(connector)
            if "push" in connector.can:
                self.create(connector, "K-1", self.record(1))
        theirs = [each.getMessage() for each in caplog.records if each.name not in self.partner_loggers]
        shown = "\n".join(theirs)
        assert not [each for secret in self.secrets(connector) for each in _disguises(secret) if each in shown]

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("address", _ELSEWHERE)
    def test_no_redirect_leads_off_the_partners_host(
        self, connector: Connector, wire: FaultyAdapter, status: int, address: str
    ) -> None:
        wire.plan(faults.answer(status, "", {"Location": address}))
        with pytest.raises(ConnectorError):
            self.pull(connector)
        assert self.astray(wire) == []

    def test_no_link_leads_off_the_partners_host(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.fill(partner)
        wire.plan(faults.headed({"Link": f'<{_ELSEWHERE[0]}>; rel="next"'}), times=None)
        try:
            self.pull(connector)
        except ConnectorError as error:
            assert error.permanent
        assert self.astray(wire) == []
