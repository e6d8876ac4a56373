"""What stands in the records: letters, dates and amounts as they are, and a partner that changes its shape."""

# ruff: noqa: S101  (these are tests)

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from connectors.base import Change, Connector, ConnectorError, Record
from connectors.contract.kit import MANY, SCHEMAS, ContractKit
from connectors.contract.partner import Partner
from connectors.wire import faults
from connectors.wire.faults import FaultyAdapter, Taped
from connectors.wire.shapes import holder_of, put_at, steps_of

_LETTERS = {
    "turkish": "İIıiŞşĞğÜüÖöÇç",
    "four bytes": "𝓚öprü 🚗👩‍👩‍👧",
    "combining": "Işıl e\u0301 I\u0307",
    "right to left": "شركة السيارات",
    "markup": "<b>Oto & 'Yedek' \"Parça\"</b> \\ %s {0}; -- =1+1",
    "very long": "ğ" * 200,
    "one letter": "Ş",
}
_SAID: list[tuple[str, str, Any]] = [
    ("customers", "birth_date", "2000-02-29"),
    ("customers", "birth_date", "1900-01-01"),
    ("customers", "tax_id", "17291716060"),
    ("customers", "locale", "tr-TR"),
    ("interactions", "occurred_at", "2024-02-29T23:59:59.999999+03:00"),
    ("interactions", "occurred_at", "2026-10-25T00:30:00Z"),
    ("interactions", "amount", {"value": "0.10", "currency": "TRY"}),
    ("interactions", "amount", {"value": "123456789012.34", "currency": "TRY"}),
]
Reshape = Callable[[Any, Any], None]
_DRIFT: dict[str, Reshape] = {
    "a new field": lambda holder, key: holder.update(yeni_alan={"a": [1, None]}),
    "a missing field": lambda holder, key: holder.pop(key),
    "null in it": lambda holder, key: holder.update({key: None}),
    "a number for text": lambda holder, key: holder.update({key: 7.5}),
    "a list for text": lambda holder, key: holder.update({key: ["x"]}),
    "an object for text": lambda holder, key: holder.update({key: {"x": 1}}),
    "a NUL": lambda holder, key: holder.update({key: "a\x00b"}),
    "half a letter": lambda holder, key: holder.update({key: "a\ud83d"}),
}
_STRANGE: list[Any] = [None, 7, "x", [], [None], {"x": 1}, "http://169.254.169.254/latest"]


def _places(tape: Sequence[Taped]) -> Iterator[tuple[int, list[Any], Any]]:
    """Every value of every kind of answer on the tape: its place, the way to it, the body around it."""
    seen: list[Any] = []
    for place, answer in enumerate(tape):
        try:
            body = json.loads(answer.body)
        except ValueError:
            continue
        ways = list(steps_of(body))
        if ways not in seen:
            seen.append(ways)
            yield from ((place, steps, body) for steps in ways)


class Content(ContractKit):
    """The values themselves, both ways."""

    @pytest.mark.parametrize("text", _LETTERS.values(), ids=_LETTERS)
    def test_text_survives_the_way_there_and_back(self, connector: Connector, text: str) -> None:
        pushed = self.create(connector, "K-1", {**self.record(1), self.field: text})
        assert pushed.error is None
        assert self.pull(connector).records[str(pushed.external_id)][self.field] == text

    @pytest.mark.parametrize("text", _LETTERS.values(), ids=_LETTERS)
    def test_text_arrives_as_it_stands_there(self, connector: Connector, partner: Partner, text: str) -> None:
        [external_id] = partner.add(self.stream, [{**self.record(1), self.field: text}])
        assert self.pull(connector).records[external_id][self.field] == text

    @pytest.mark.parametrize(("stream", "name", "value"), _SAID, ids=lambda value: str(value)[:24])
    def test_dates_and_amounts_keep_their_meaning(
        self, connector: Connector, partner: Partner, stream: str, name: str, value: Any
    ) -> None:
        if stream != self.stream:
            pytest.skip(f"a claim about {stream}")
        record = {**self.record(1), name: value}
        [external_id] = partner.add(stream, [record])
        back = self.pull(connector).records[external_id]
        if back.get(name) is None:
            pytest.skip(f"the partner keeps no {name}")
        assert self._meaning(back, name) == self._meaning({**record, "external_id": "x"}, name)

    def _meaning(self, record: Record, name: str) -> Any:
        return SCHEMAS[self.stream]().load(record)[name]

    @pytest.mark.parametrize("reshape", _DRIFT.values(), ids=_DRIFT)
    def test_record_of_another_shape_still_arrives_and_so_do_the_others(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter, reshape: Reshape
    ) -> None:
        mark = "Şekli Değişen"
        ids = self.fill(partner) + partner.add(self.stream, [{**self.record(1), self.field: mark}])
        whole, reshaped = self.pull(connector).records, []

        def drift(body: Any) -> Any:
            if (found := holder_of(body, mark)) is not None:
                reshape(*found)
                reshaped.append(found)
            return body

        wire.plan(faults.reshaped(drift), times=None)
        records = self.pull(connector).records
        if not reshaped:
            pytest.skip("the field does not stand in a JSON object of the partner's")
        assert sorted(records) == sorted(ids)
        assert {each: records[each] for each in ids[:MANY]} == {each: whole[each] for each in ids[:MANY]}

    def test_no_answer_makes_a_pull_fail_in_any_other_way(
        self, connector: Connector, partner: Partner, wire: FaultyAdapter
    ) -> None:
        self.fill(partner)
        tape: list[Taped] = []
        wire.plan(faults.taped(tape), times=None)
        self.pull(connector, pages=2)
        for place, steps, body in _places(tape):
            for strange in _STRANGE:
                spoiled = replace(tape[place], body=json.dumps(put_at(body, steps, strange)).encode())
                wire.calm()
                wire.plan(faults.played([*tape[:place], spoiled, *tape[place + 1 :]]), times=None)
                problem = self._problem_of(self.connect(partner, connector.http))
                assert problem is None, f"{strange!r} at /{'/'.join(map(str, steps))} of answer {place}: {problem!r}"
        assert self.astray(wire) == []

    def _problem_of(self, connector: Connector) -> Exception | None:
        try:
            for _ in zip(range(3), connector.pull(self.stream, None), strict=False):
                pass
        except ConnectorError:
            return None
        except Exception as error:
            return error
        return None

    @pytest.mark.parametrize("strange", _STRANGE, ids=repr)
    def test_no_answer_makes_a_push_fail_in_any_other_way(
        self, connector: Connector, wire: FaultyAdapter, strange: Any
    ) -> None:
        self.needs(connector, "push")
        tape: list[Taped] = []
        wire.plan(faults.taped(tape), when=self.is_create)
        self.create(connector, "K-0", self.record(0))
        for number, (_, steps, _) in enumerate(_places(tape), 1):
            wire.plan(faults.reshaped(partial(put_at, steps=steps, value=strange)), when=self.is_create)
            pushed = self.push(connector, [Change("create", f"K-{number}", record=self.record(number))])
            assert pushed.error is None or isinstance(pushed.error, ConnectorError)
