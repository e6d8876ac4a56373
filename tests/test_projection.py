"""The quick way from a row to JSON shows exactly what the schema, the one declaration, would have shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import Schema, fields

from gateway.channels import Channel
from gateway.customers.fields import BY_AGREEMENT, visible_fields
from gateway.json_body import write_json
from schemas.base import Money
from schemas.customer import Customer
from schemas.interaction import Interaction, PublicInteraction
from schemas.projection import columns_of, money, projection, show

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes(datetime(1800, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))
AMOUNTS = st.decimals(Decimal(-(10**10)), Decimal(10**10), places=4)
VALUES: dict[type, st.SearchStrategy[Any]] = {
    fields.UUID: st.uuids(),
    fields.AwareDateTime: MOMENTS,
    fields.Date: st.dates(date(1800, 1, 1), date(2199, 12, 31)),
    fields.Integer: st.integers(0, 2**31),
    fields.Dict: st.dictionaries(TEXT, TEXT | st.booleans() | st.none() | st.integers(-(2**53), 2**53), max_size=3),
    fields.List: st.just([]),
    fields.String: TEXT,
}


def value_of(field: Any) -> st.SearchStrategy[Any]:
    """What the database may hold for a field; money comes as one value and is taken apart later."""
    if isinstance(field, fields.Nested):
        value = st.fixed_dictionaries({"value": AMOUNTS, "currency": st.sampled_from(["TRY", "EUR"])})
    else:
        value = next(strategy for kind, strategy in VALUES.items() if isinstance(field, kind))
    return value | st.none() if field.allow_none else value


def records_of(schema: type[Schema]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: value_of(field) for name, field in schema._declared_fields.items()})


def row_of(schema: type[Schema], record: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """The record as the database answers it: one column for a field, two for money."""
    row: list[Any] = []
    for name in names:
        field, value = schema._declared_fields[name], record[name]
        is_money = isinstance(field, fields.Nested) and field.nested is Money
        row += ((value or {}).get("value"), (value or {}).get("currency")) if is_money else (value,)
    assert len(row) == len(columns_of(schema, names))
    return row


def as_sent(value: Any) -> Any:
    """The JSON of a value, with moments and amounts by what they mean rather than how they are spelt."""
    decoded = json.loads(write_json(value))
    for name, item in decoded.items():
        if isinstance(item, dict) and set(item) == {"value", "currency"}:
            decoded[name] = {**item, "value": Decimal(item["value"])}
        elif name.endswith("_at") and isinstance(item, str):
            decoded[name] = datetime.fromisoformat(item)
    return decoded


@pytest.mark.parametrize("schema", [Customer, Interaction, PublicInteraction])
@settings(max_examples=40)
@given(data=st.data())
def test_projection_shows_what_the_schema_dumps(schema: type[Schema], data: st.DataObject) -> None:
    names = tuple(schema._declared_fields)
    record = data.draw(records_of(schema))
    projected = projection(schema, names)(row_of(schema, record, names))
    assert as_sent(projected) == as_sent(schema().dump(record))
    assert list(projected) == list(schema().dump(record))


@pytest.mark.parametrize("schema", [Customer, Interaction])
@settings(max_examples=40)
@given(data=st.data())
def test_projection_of_some_fields_shows_those_alone(schema: type[Schema], data: st.DataObject) -> None:
    names = tuple(schema._declared_fields)
    chosen = tuple(data.draw(st.lists(st.sampled_from(names), unique=True, min_size=1)))
    record = data.draw(records_of(schema))
    projected = projection(schema, chosen)(row_of(schema, record, chosen))
    assert list(projected) == list(chosen)
    assert as_sent(projected) == as_sent(schema(only=chosen).dump(record))


@given(AMOUNTS)
def test_money_is_plain_exact_and_has_two_places_at_least(value: Decimal) -> None:
    shown = money(value, "TRY")
    assert shown is not None
    assert Decimal(shown["value"]) == value
    assert "E" not in shown["value"]
    assert len(shown["value"].partition(".")[2]) >= 2


@pytest.mark.parametrize(
    ("stored", "shown"), [("1250.0000", "1250.00"), ("0.0000", "0.00"), ("1E+3", "1000.00"), ("0.1250", "0.125")]
)
def test_money_is_spelt_as_people_write_it(stored: str, shown: str) -> None:
    assert money(Decimal(stored), "TRY") == {"value": shown, "currency": "TRY"}
    assert money(None, None) is None


def test_what_a_channel_shows_is_decided_in_one_place() -> None:
    hidden = {channel: set(Customer._declared_fields) - set(visible_fields(channel)) for channel in Channel}
    assert hidden[Channel.INTRANET] == hidden[Channel.SYSTEM] == set()
    assert hidden[Channel.INTERNET] == {"owner", "internal_note"}
    assert hidden[Channel.EXTRANET] == {"owner", "internal_note", *BY_AGREEMENT}
    assert set(visible_fields(Channel.EXTRANET, BY_AGREEMENT)) == set(visible_fields(Channel.INTERNET))


class Renamed(Schema):
    """Words of the wire that are not those of the row."""

    name = fields.String()
    archived = fields.Boolean(attribute="is_archived")
    until_ = fields.String(data_key="until", attribute="until")
    score = fields.Integer()


def test_row_is_shown_by_the_words_of_its_shape_and_what_is_said_besides() -> None:
    row = SimpleNamespace(name="İzmir", is_archived=True, until="yarın", score=1, secret="gizli")
    assert show(Renamed, row, score=7) == {"name": "İzmir", "archived": True, "until": "yarın", "score": 7}
