"""Exports of customers on the wire: what is wanted, and the file that comes of it."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Flag, Schema, Shown, Text
from schemas.customer import CustomerQuery, InternalCustomerQuery
from schemas.customer_import import FORMATS
from schemas.page import PageQuery

_NOT_OF_A_FILE = ("limit", "cursor", "include", "fields_", "sort")


class ExportFilters(CustomerQuery):
    """Which customers: the filters of their list."""

    class Meta(CustomerQuery.Meta):
        exclude = _NOT_OF_A_FILE


class InternalExportFilters(InternalCustomerQuery):
    """Which customers: the filters of their list inside."""

    class Meta(InternalCustomerQuery.Meta):
        exclude = _NOT_OF_A_FILE


class ExportInput(Schema):
    """What to export: all that the caller may see, unless said otherwise."""

    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    fields_ = fields.List(
        Text(100),
        data_key="fields",
        validate=validate.Length(min=1, max=100),
        metadata={"description": "only these fields", "example": ["display_name", "contact_points"]},
    )
    sort = Text(200, metadata={"description": "as in the list"})
    filters = fields.Nested(ExportFilters)
    for_excel = Flag(
        load_default=False,
        metadata={"description": "CSV as Turkish Excel opens it: a byte order mark, semicolons between the cells"},
    )


class InternalExportInput(ExportInput):
    """The same inside."""

    filters = fields.Nested(InternalExportFilters)


class ExportsQuery(PageQuery):
    """The list of exports."""


class Export(Shown):
    """A file of customers, its caller's alone; `file` is where it is fetched once `status` is `succeeded`."""

    id = fields.UUID(required=True)
    format = fields.String(required=True, validate=validate.OneOf(FORMATS))
    fields_ = fields.List(fields.String(), required=True, data_key="fields")
    status = fields.String(required=True, metadata={"description": "of its operation"})
    operation_id = fields.UUID(required=True)
    rows = fields.Integer(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes so far"})
    file = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "null, too, while it tells of what its caller may not see just now"},
    )
    created_by = fields.String(required=True)
    created_at = fields.AwareDateTime(required=True)
    expires_at = fields.AwareDateTime(required=True)
