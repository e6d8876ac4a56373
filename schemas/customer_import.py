"""Imports of customers on the wire: the file that came, what it would become, and how to begin."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Flag, Schema, Shown, Text
from schemas.customer import LOCALE
from schemas.page import PageQuery
from schemas.record import KINDS, CustomerRecord

FORMATS = ("csv", "xlsx", "jsonl")
ENCODINGS = ("utf-8", "utf-16", "windows-1254", "iso-8859-9")
DELIMITERS = ("comma", "semicolon", "tab", "pipe")
ON_MATCH = ("update", "skip", "create")
OUTCOMES = ("created", "updated", "unchanged", "skipped", "failed")
_MATCH_ON = validate.Regexp(
    r"^(email|phone|tax_id|identifier\..{1,64})\Z", error="email, phone, tax_id or identifier.<system>."
)


class ImportedCustomer(CustomerRecord):
    """What a row says of a customer: any part of one, for it may be known already."""

    class Meta(CustomerRecord.Meta):
        exclude = ("external_id", "updated_at", "version", "reference")

    kind = fields.String(validate=validate.OneOf(KINDS))
    locale = fields.String(allow_none=True, validate=LOCALE)
    owner = fields.String(allow_none=True, validate=validate.Length(max=100))
    internal_note = fields.String(allow_none=True, validate=validate.Length(max=10_000))

    def has_name(self, data: Any, **_: Any) -> None:
        """Whether a name is needed is known when it is known whether the customer is."""


class ImportQuery(Schema):
    """How to read a file, where guessing is not wanted."""

    encoding = fields.String(validate=validate.OneOf(ENCODINGS), metadata={"description": "of CSV; guessed if absent"})
    delimiter = fields.String(
        validate=validate.OneOf(DELIMITERS), metadata={"description": "of CSV; guessed if absent"}
    )


class ImportsQuery(PageQuery):
    """The list of imports."""


class Column(Shown):
    """A column of the file, and what it is taken for."""

    name = fields.String(required=True)
    target = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "a field of a customer, full_name, email, phone, address.<part>, identifier.<system> or "
            "attribute.<name>; null where it means nothing",
            "example": "given_name",
        },
    )


class Import(Shown):
    """A file that was received and can be previewed and imported until it expires."""

    id = fields.UUID(required=True)
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    encoding = fields.String(required=True, allow_none=True)
    delimiter = fields.String(required=True, allow_none=True)
    rows = fields.Integer(required=True)
    columns = fields.List(fields.Nested(Column), required=True)
    operation_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "the work on it that was started last"}
    )
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)


class ImportTerms(Schema):
    """What the columns mean, how customers that are known are recognised, and what becomes of these."""

    mapping = fields.Dict(
        keys=Text(220),
        values=Text(100, allow_none=True),
        validate=validate.Length(max=500),
        metadata={"description": "column: target; what was guessed unless given", "example": {"Ad": "given_name"}},
    )
    match_on = fields.String(
        allow_none=True,
        load_default=None,
        validate=_MATCH_ON,
        metadata={"description": "needed unless every row is to be a new customer", "example": "identifier.erp"},
    )
    on_match = fields.String(load_default="update", validate=validate.OneOf(ON_MATCH))


class ImportStart(ImportTerms):
    """The same, and whether all is only tried."""

    dry_run = Flag(load_default=False, metadata={"description": "go through it all, write nothing"})


class RowError(Shown):
    """What is wrong with a row."""

    column = fields.String(required=True, metadata={"description": "empty where it is no single one"})
    code = fields.String(required=True)
    message = fields.String(required=True)


class PreviewedRow(Shown):
    """What becomes of a row; `record` is the customer afterwards."""

    row = fields.Integer(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    customer_id = fields.UUID(required=True, allow_none=True)
    record = fields.Dict(required=True, allow_none=True)
    errors = fields.List(fields.Nested(RowError), required=True)


class ImportPreview(Shown):
    """What the first rows of a file would become; nothing is written."""

    looked_at = fields.Integer(required=True)
    counts = fields.Dict(required=True, metadata={"example": {"created": 98, "failed": 2}})
    columns = fields.List(fields.Nested(Column), required=True)
    items = fields.List(fields.Nested(PreviewedRow), required=True)
