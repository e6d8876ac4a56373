"""Matching on the wire: pairs that may be one customer, why, and what a steward decides of them."""

from __future__ import annotations

from marshmallow import fields, validate

from schemas.base import Schema, Shown, Text
from schemas.customer import Customer, CustomerInput
from schemas.page import PageQuery

OUTCOMES = ("same", "perhaps", "different")
STATUSES = ("open", "same", "different", "merged")


class Statement(Shown):
    """One thing said in both languages."""

    english = fields.String(required=True)
    turkish = fields.String(required=True)


class Evidence(Statement):
    """What the comparison of one field says, against the likeliest other explanation."""

    field = fields.String(required=True, metadata={"example": "birth_date"})
    level = fields.String(required=True, validate=validate.OneOf(("agree", "near", "partly", "differ", "unknown")))
    bits = fields.Float(required=True, metadata={"description": "above 0 speaks for one customer"})


class Rival(Statement):
    """What else the pair may be; the score is the odds against all of these together."""

    name = fields.String(required=True, metadata={"example": "twin"})
    bits = fields.Float(required=True, metadata={"description": "for one customer, against this explanation"})
    expected = fields.Float(required=True, metadata={"description": "of these, what was so before any comparison"})


class DescribedCustomer(CustomerInput):
    """A customer that may be there already, as it would be written."""


class Candidate(Shown):
    """A customer that may be the one in question, and how likely that is."""

    customer_id = fields.UUID(required=True)
    display_name = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "bits of evidence; 0 is even odds, 8 leaves 0.4 %"})
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    rivals = fields.List(fields.Nested(Rival), required=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)


class Candidates(Shown):
    """Who is there already, the likeliest first."""

    items = fields.List(fields.Nested(Candidate), required=True)


class Pair(Shown):
    """Two customers that may be one."""

    id = fields.UUID(required=True)
    first_id = fields.UUID(required=True)
    second_id = fields.UUID(required=True)
    first_name = fields.String(required=True)
    second_name = fields.String(required=True)
    score = fields.Float(required=True, metadata={"description": "bits of evidence; 0 is even odds, 8 leaves 0.4 %"})
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    note = fields.String(required=True, allow_none=True)
    settled_by = fields.String(required=True, allow_none=True)
    settled_at = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)


class MatchedCustomer(Customer):
    """One side of a pair, whole."""


class WholePair(Pair):
    """A pair with both records side by side, and why it is judged so."""

    first = fields.Nested(MatchedCustomer, required=True)
    second = fields.Nested(MatchedCustomer, required=True)
    rivals = fields.List(fields.Nested(Rival), required=True)
    evidence = fields.List(fields.Nested(Evidence), required=True)


class PairQuery(PageQuery):
    """Filters of the pairs; without any it is the stewards' queue."""

    outcome = fields.String(validate=validate.OneOf(OUTCOMES), load_default="perhaps")
    status = fields.String(validate=validate.OneOf(STATUSES), load_default="open")


class Decision(Schema):
    """What a steward says a pair is."""

    decision = fields.String(required=True, validate=validate.OneOf(("same", "different")))
    note = Text(1000, allow_none=True, load_default=None)
