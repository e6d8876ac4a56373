"""Partners that fail: each fault is told as passing or as one for a person, and costs no more than it must."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import datetime as dt
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime

import pytest

from connectors.base import Connector, ConnectorError
from connectors.contract.kit import MOST_BYTES, ContractKit, Round
from connectors.contract.partner import Partner
from connectors.wire import faults
from connectors.wire.faults import Fault, FaultyAdapter

_PASSING: list[Fault] = [
    faults.answer(500, "boom"),
    faults.answer(502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"}),
    faults.answer(503, "", {"Retry-After": "7"}),
    faults.answer(504),
    faults.answer(408),
    faults.answer(429, "slow down"),
    faults.answer(200, "<html>Bakımdayız</html>", {"Content-Type": "text/html"}, name="a page for people"),
    faults.answer(200, '{"error": "try later"}', name="an error that claims to be fine"),
    faults.answer(200, "", name="nothing"),
    faults.answer(200, "[" * 100_000, name="deep nesting"),
    faults.truncated(),
    faults.lost(),
    faults.refused(),
    faults.reset(),
    faults.broken_off(),
]
_PERMANENT = [
    faults.answer(401, "no"),
    faults.answer(403, "no"),
    faults.answer(302, "", {"Location": "http://other.example/"}),
]
_WAIT = 30


def _in_a_while(form: str) -> str:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=_WAIT)
    return format_datetime(moment, usegmt=True) if form == "date" else str(int(time.time()) + _WAIT)


_SAYS_WHEN = [
    ("Retry-After", "30"),
    ("Retry-After", "date"),
    ("RateLimit-Reset", "30"),
    ("X-RateLimit-Reset", "30"),
    ("X-RateLimit-Reset", "epoch"),
    ("RateLimit", '"default";r=0;t=30'),
]


class Failing(ContractKit):
    """Faults on the wire, limits of rate, ended sessions."""

    @pytest.mark.parametrize("fault", _PASSING, ids=str)
    def test_passing_fault_asks_to_try_again(self, connector: Connector, wire: FaultyAdapter, fault: Fault) -> None:
        wire.plan(fault)
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert not caught.value.permanent

    @pytest.mark.parametrize("fault", _PERMANENT, ids=str)
    def test_permanent_fault_asks_for_a_person(self, connector: Connector, wire: FaultyAdapter, fault: Fault) -> None:
        wire.plan(fault)
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert caught.value.permanent

    @pytest.mark.parametrize(("header", "value"), _SAYS_WHEN)
    def test_partner_says_when_to_come_back(
        self, connector: Connector, wire: FaultyAdapter, header: str, value: str
    ) -> None:
        told = _in_a_while(value) if value in ("date", "epoch") else value
        wire.plan(faults.answer(429, "", {header: told}), times=None)
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert caught.value.retry_after == pytest.approx(_WAIT, abs=5)
        assert len(wire.sent) == 1, "it asked again at once"

    @pytest.mark.parametrize("told", ["-5", "nan", "inf", "99999999999", "soon", "0", ""])
    def test_absurd_time_to_come_back_is_bounded(self, connector: Connector, wire: FaultyAdapter, told: str) -> None:
        wire.plan(faults.answer(429, "", {"Retry-After": told}))
        with pytest.raises(ConnectorError) as caught:
            self.pull(connector)
        assert caught.value.retry_after is None or 0 <= caught.value.retry_after <= 86_400

    def test_twisted_json_hides_no_record(self, connector: Connector, partner: Partner, wire: FaultyAdapter) -> None:
        ids = self.fill(partner)
        wire.plan(faults.twisted(), times=None)
        assert sorted(self.pull(connector).records) == sorted(ids)

    @pytest.mark.parametrize("fault", [faults.endless(), faults.bomb()], ids=str)
    def test_answer_without_end_is_given_up_early(
        self, connector: Connector, wire: FaultyAdapter, fault: Fault
    ) -> None:
        wire.plan(fault)
        tracemalloc.start()
        try:
            with pytest.raises(ConnectorError):
                self.pull(connector)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 8 * MOST_BYTES

    def test_token_that_ends_in_mid_round_is_renewed(self, connector: Connector, partner: Partner) -> None:
        levers = self.lever(partner, "expire_tokens")
        ids, brought = self.fill(partner), Round()
        for page in connector.pull(self.stream, None):
            brought.take(page)
            levers.expire_tokens()
        assert sorted(brought.records) == sorted(ids)

    def test_token_is_renewed_once_for_all_who_wait(self, connector: Connector, partner: Partner) -> None:
        levers = self.lever(partner, "expire_tokens")
        ids = self.fill(partner)
        connector.check()
        levers.expire_tokens()
        before = levers.tokens_issued()
        with ThreadPoolExecutor(4) as threads:
            rounds = list(threads.map(lambda _: sorted(self.pull(connector).records), range(4)))
        assert (rounds, levers.tokens_issued() - before) == ([sorted(ids)] * 4, 1)
