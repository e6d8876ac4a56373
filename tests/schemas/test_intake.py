"""The quick reader of partners' records accepts what the schema accepts, with the same outcome, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validate

from schemas.base import Amount, Day, Moment
from schemas.intake import NotCompilable, intake
from schemas.record import CustomerRecord, InteractionRecord, MoneyRecord

CUSTOMERS, INTERACTIONS = CustomerRecord(), InteractionRecord()
FULL = {
    "external_id": "ESK-1", "kind": "person", "given_name": "Işıl", "family_name": "Öğüt", "birth_date": "1980-02-29",
    "tax_id": "10000000146", "status": "active", "locale": "tr-TR", "version": "7",
    "updated_at": "2026-11-21T10:00:00Z",
    "contact_points": [
        {"kind": "email", "value": "isil@example.com", "primary": True, "verified_at": "2026-01-01T00:00:00.000001Z"},
        {"kind": "address", "address": {"line1": "Atatürk Cad. 1", "city": "İstanbul", "country": "TR"}},
    ],
    "identifiers": [{"system": "erp", "value": "E-1"}], "attributes": {"renk": "kırmızı", "visits": 3, "vip": None},
}  # fmt: skip
CALL = {
    "external_id": "I-1", "customer_external_id": "ESK-1", "channel": "phone", "kind": "inquiry", "direction": "in",
    "occurred_at": "2026-11-21T10:00:00Z", "subject": "Sedan", "satisfaction": 5,
    "amount": {"value": "10.50", "currency": "TRY"}, "products": [{"sku": "S-1", "quantity": 1}],
}  # fmt: skip

ODD_TEXTS = [
    "", " ", "person", "email", "address", "active", "TR", "tr", "x" * 101, "x" * 5000, "a\x00b", "\ud800", "\n",
    "1980-02-29", "1981-02-29", "0001-01-01", "1799-12-31", "2200-01-01", "19800101", "1980-W01-1", "１９８０-01-01",
    "2026-01-01T00:00:00Z", "2026-01-01 00:00:00", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z", "20260101T000000Z",
    "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00,123456789Z", "2026-01-01T00:00:00+03:00", "2026-02-30T00:00:00Z",
]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(ODD_TEXTS),
    st.datetimes().map(lambda moment: f"{moment.isoformat()}Z"),
    st.dates().map(str),
)
SCALARS = st.one_of(
    TEXTS, st.none(), st.booleans(), st.integers(), st.sampled_from([2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400]),
    st.floats(), st.binary(max_size=3),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | st.integers(), inner, max_size=3),
    max_leaves=6,
)


def _values_of(field: Any) -> st.SearchStrategy[Any]:
    """Mostly what the field may hold, and now and then anything at all."""
    if isinstance(field, fields.Nested):
        likely: st.SearchStrategy[Any] = _records(field.schema)
    elif isinstance(field, fields.List):
        likely = st.lists(_values_of(field.inner), max_size=3)
    elif isinstance(field, fields.Dict):
        likely = st.dictionaries(TEXTS, VALUES, max_size=3)
    elif field.validators and isinstance(field.validators[0], validate.OneOf):
        likely = st.sampled_from(field.validators[0].choices)
    else:
        likely = TEXTS
    return st.one_of(likely, likely, likely, VALUES)


def _records(schema: Schema) -> st.SearchStrategy[Any]:
    said = {name: _values_of(field) for name, field in schema.load_fields.items()}
    return st.fixed_dictionaries({}, optional={**said, "unknown": VALUES})


def _by_schema(schema: Schema, raw: Any) -> Any:
    try:
        return schema.load(raw)
    except ValidationError:
        return None


def _agree(schema: Schema, raw: Any) -> None:
    loaded, read = _by_schema(schema, raw), intake(schema)(raw)
    assert read is None or (read == loaded and repr(_sorted(read)) == repr(_sorted(loaded)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((str(name), _sorted(inner)) for name, inner in value.items())
    return [_sorted(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("schema", "raw"), [(CUSTOMERS, FULL), (INTERACTIONS, CALL)])
def test_plain_record_is_read_without_the_schema(schema: Schema, raw: dict[str, Any]) -> None:
    assert intake(schema)(raw) == schema.load(raw)


@settings(max_examples=400, deadline=None)
@given(raw=st.builds(lambda changed: {**FULL, **changed}, _records(CUSTOMERS)))
@example(raw={**FULL, "attributes": {"\ud800": 1}})
@example(raw={**FULL, "attributes": {f"a{number}": "ş" * 900 for number in range(100)}})
@example(raw={**FULL, "birth_date": "２０２６-01-01"})
def test_customer_is_read_as_its_schema_reads_it(raw: dict[str, Any]) -> None:
    _agree(CUSTOMERS, raw)


@settings(max_examples=200, deadline=None)
@given(raw=st.builds(lambda changed: {**CALL, **changed}, _records(INTERACTIONS)))
def test_interaction_is_read_as_its_schema_reads_it(raw: dict[str, Any]) -> None:
    _agree(INTERACTIONS, raw)


@settings(max_examples=100, deadline=None)
@given(raw=VALUES)
def test_anything_else_is_left_to_the_schema(raw: Any) -> None:
    _agree(CUSTOMERS, raw)


class One(Schema):
    """Whatever a field reads, it reads alone."""

    class Meta:
        unknown = EXCLUDE

    day = Day()
    moment = Moment()
    naive = Moment(default_timezone=None)
    amount = Amount()
    money = fields.Nested(MoneyRecord, validate=validate.NoneOf([{"value": 1, "currency": "TRY"}]))
    flag = fields.Boolean(truthy={"ja"}, falsy={"nein"})
    letter = fields.String(validate=validate.Length(equal=1))
    code = fields.String(validate=validate.Regexp("[A-Z]{2}"))
    words = fields.Dict(fields.String(), fields.String())


@settings(max_examples=300, deadline=None)
@given(raw=st.fixed_dictionaries({}, optional=dict.fromkeys(One().load_fields, VALUES | TEXTS)))
@example(raw={"flag": True})
@example(raw={"letter": "ab"})
@example(raw={"code": "TR"})
@example(raw={"code": "tr"})
@example(raw={"code": b"TR"})
def test_every_kind_of_field_is_read_as_its_schema_reads_it(raw: dict[str, Any]) -> None:
    _agree(One(), raw)


class Changing(CustomerRecord):
    """Changes its input before it reads it."""

    @pre_load
    def change(self, data: Any, **_: Any) -> Any:
        """Nothing, in truth."""
        return data


class Filling(CustomerRecord):
    """Fills in what is not said."""

    status = fields.String(load_default="active")


@pytest.mark.parametrize(
    "schema", [Changing(), Filling(), CustomerRecord(unknown="raise"), CustomerRecord(partial=True)]
)
def test_schema_that_does_more_is_not_compiled(schema: Schema) -> None:
    with pytest.raises(NotCompilable):
        intake(schema)
