"""Claims on the wire: a partner says that it brought a customer, and the house decides."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates, validates_schema

from schemas.base import Moment, Schema, Shown, Text
from schemas.page import PageQuery
from schemas.record import KINDS
from schemas.share import GROUNDS

TOLD = ("draft", "submitted", "approved", "rejected", "expired", "withdrawn")
STATUSES = (*TOLD[:2], "under_review", *TOLD[2:])
_NEEDED = {"reference": ("reference",), "statement": ("text", "dated_at"), "interaction": ("interaction_id",)}
_SCOPE: dict[str, Any] = {"description": "what of the customer is claimed, such as a product line", "example": "sedan"}
_OF_PEOPLE = re.compile(r"@|(?:\d\D*){10}")  # addresses, phones, tax ids: what goes with a person when it is erased


class ClaimedPoint(Schema):
    """An e-mail address or phone number of the person."""

    kind = fields.String(required=True, validate=validate.OneOf(("email", "phone")))
    value = Text(320, required=True)


class ClaimedPerson(Schema):
    """Who is meant; whether we know them is never answered."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    given_name = Text(100, metadata={"example": "Işıl"})
    family_name = Text(100, metadata={"example": "Öğütçü"})
    organisation_name = Text(200)
    tax_id = Text(32)
    contact_points = fields.List(fields.Nested(ClaimedPoint), load_default=list, validate=validate.Length(max=10))


class ClaimEvidence(Schema):
    """What proves it: a reference, a dated statement, or an interaction that you have recorded here."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(_NEEDED)))
    reference = Text(200, metadata={"example": "Teklif 2026/118"})
    text = Text(2000)
    interaction_id = fields.UUID()
    dated_at = Moment(metadata={"description": "of an interaction: its own"})

    @validates_schema(skip_on_field_errors=True)
    def has_content(self, data: Mapping[str, Any], **_: Any) -> None:
        """Each kind has what it is of."""
        for name in _NEEDED[data["kind"]]:
            if name not in data:
                raise ValidationError("Missing data for required field.", name)


class ClaimPatch(Schema):
    """What a partner may say in a claim; exactly one of `customer_id` and `person`."""

    customer_id = fields.UUID(metadata={"description": "one of your customers"})
    person = fields.Nested(ClaimedPerson, metadata={"description": "somebody whom you may not see here"})
    scope = Text(100, load_default="all", metadata=_SCOPE)
    evidence = fields.List(fields.Nested(ClaimEvidence), allow_none=True, validate=validate.Length(max=20))
    note = Text(2000, allow_none=True)

    @validates("scope")
    def names_nobody(self, scope: str, **_: Any) -> None:
        """A scope is shown, and stays, when all that is said of a person goes."""
        if _OF_PEOPLE.search(scope):
            raise ValidationError("No e-mail and no number of a person: say in `person` who is meant.")


class ClaimInput(ClaimPatch):
    """A new claim."""

    submit = fields.Boolean(load_default=False, metadata={"description": "at once, in the place of a draft"})


class ClaimQuery(PageQuery):
    """Filters of a partner's claims."""

    status = fields.String(validate=validate.OneOf(TOLD))


class ClaimReviewQuery(PageQuery):
    """Filters of the claims inside."""

    status = fields.String(validate=validate.OneOf(STATUSES))
    partner = Text(63, metadata={"description": "code of a partner"})
    customer_id = fields.UUID()


class ClaimEvent(Shown):
    """What a partner is told of its claim."""

    id = fields.UUID(required=True)
    scope = fields.String(required=True, metadata=_SCOPE)
    status = fields.String(required=True, validate=validate.OneOf(TOLD))
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "`not_granted` where it is rejected; never more"}
    )
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    answer_by = fields.AwareDateTime(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    protected_until = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)


class Claim(ClaimEvent):
    """A partner's claim as the partner sees it; what it said of the person and to prove it is not shown again."""

    customer_id = fields.UUID(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class ClaimRival(Shown):
    """A claim inside."""

    id = fields.UUID(required=True)
    partner = fields.String(required=True)
    raised_by = fields.String(required=True, validate=validate.OneOf(("partner", "merge")))
    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    told = fields.String(required=True, allow_none=True, metadata={"description": "what the partner knows of it"})
    customer_id = fields.UUID(required=True, allow_none=True)
    person = fields.Nested(ClaimedPerson, required=True, allow_none=True)
    scope = fields.String(required=True, metadata=_SCOPE)
    evidence = fields.List(fields.Nested(ClaimEvidence), required=True)
    proved = fields.Boolean(required=True, metadata={"description": "whether any evidence is older"})
    note = fields.String(required=True, allow_none=True)
    submitted_at = fields.AwareDateTime(required=True, allow_none=True)
    answer_by = fields.AwareDateTime(required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    decided_by = fields.String(required=True, allow_none=True)
    decision_note = fields.String(required=True, allow_none=True)
    protected_until = fields.AwareDateTime(required=True, allow_none=True)
    created_at = fields.AwareDateTime(required=True)


class ListedClaim(ClaimRival):
    """The same in the list."""


class ClaimSuggestion(Shown):
    """Which of the claims the rule would have approved, and why."""

    claim_id = fields.UUID(required=True)
    why = fields.String(required=True, validate=validate.OneOf(("protected", "earliest_with_evidence", "earliest")))


class ReviewedClaim(ClaimRival):
    """A claim with what it competes with."""

    candidates = fields.List(fields.UUID(), required=True, metadata={"description": "customers it may be about"})
    rivals = fields.List(fields.Nested(ClaimRival), required=True)
    suggested = fields.Nested(ClaimSuggestion, required=True, allow_none=True)


class ClaimApproval(Schema):
    """How a claim is approved."""

    customer_id = fields.UUID(metadata={"description": "whom it is about, where several may be meant"})
    protection_days = fields.Integer(
        strict=True, validate=validate.Range(1, 3650), metadata={"description": "left out: as agreed"}
    )
    ground = fields.String(load_default="agreement", validate=validate.OneOf(GROUNDS))
    note = Text(2000, metadata={"description": "for the house alone"})
    is_other_person = fields.Boolean(
        load_default=False, metadata={"description": "what contests it by the same phone or e-mail is somebody else"}
    )


class ClaimRejection(Schema):
    """How a claim is rejected."""

    note = Text(2000, metadata={"description": "for the house alone"})
