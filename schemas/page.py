"""What every list takes and answers."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Text

DEFAULT_LIMIT, MOST_LIMIT = 50, 200


class PageQuery(Schema):
    """Parameters of every list; each list adds its filters."""

    limit = fields.Integer(
        load_default=DEFAULT_LIMIT, validate=validate.Range(1, MOST_LIMIT), metadata={"description": "records a page"}
    )
    cursor = Text(most=2000, metadata={"description": "`next` of the page before; valid for this caller and query"})


class SortedQuery(PageQuery):
    """A list that can be sorted and cut to some fields."""

    sort = Text(most=200, metadata={"description": "fields separated by commas, `-` in front for descending"})
    fields_ = Text(most=1000, data_key="fields", metadata={"description": "only these fields, separated by commas"})
    include = Text(most=200, metadata={"description": "related records to nest, separated by commas"})


class RecordQuery(Schema):
    """Parameters of one record."""

    fields_ = Text(most=1000, data_key="fields", metadata={"description": "only these fields, separated by commas"})
    include = Text(most=200, metadata={"description": "related records to nest, separated by commas"})
