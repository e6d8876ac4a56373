"""Erasures on the wire: what would be erased, who was told, and partners' acknowledgements."""

from __future__ import annotations

from marshmallow import ValidationError, fields, validate, validates_schema

from schemas.base import Schema, Shown, Text
from schemas.page import PageQuery


class ErasurePreview(Shown):
    """What an erasure would remove; nothing is written."""

    customer_id = fields.UUID(required=True)
    counts = fields.Dict(
        keys=fields.String(), values=fields.Integer(), required=True, metadata={"example": {"interactions": 12}}
    )


class NoticeState(Shown):
    """How far one partner is."""

    partner = fields.String(required=True)
    grounds = fields.List(fields.String(), required=True, metadata={"description": "share, sync, webhook"})
    told_at = fields.AwareDateTime(required=True, allow_none=True)
    due_at = fields.AwareDateTime(required=True)
    is_overdue = fields.Boolean(required=True)
    reminders = fields.Integer(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)
    acknowledged_by = fields.String(required=True, allow_none=True)


class Erasure(Shown):
    """The ledger of an erasure: what went, and every partner that had received the person."""

    case_id = fields.UUID(required=True)
    customer_ids = fields.List(fields.UUID(), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    began_at = fields.AwareDateTime(required=True)
    erased_at = fields.AwareDateTime(required=True, allow_none=True)
    readmitted_at = fields.AwareDateTime(required=True, allow_none=True)
    is_logged = fields.Boolean(required=True, metadata={"description": "whether the erasure log knows of it"})
    notices = fields.List(fields.Nested(NoticeState), required=True)


class Notice(Shown):
    """A person whom you had received from us was erased; erase them too, and acknowledge it."""

    id = fields.UUID(required=True)
    customer_ids = fields.List(fields.UUID(), required=True, metadata={"description": "every id of ours"})
    references = fields.List(
        fields.String(), required=True, metadata={"description": "your own ids, until you acknowledge"}
    )
    told_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)
    acknowledged_at = fields.AwareDateTime(required=True, allow_none=True)


class NoticeQuery(PageQuery):
    """Filters of the erasures that you were told of."""

    acknowledged = fields.Boolean()


class Readmission(Schema):
    """Somebody who was erased wishes to come back: what they are recognised by, and why."""

    given_name = Text(200)
    organisation_name = Text(200)
    tax_id = Text(40)
    emails = fields.List(Text(200), load_default=list, validate=validate.Length(max=20))
    phones = fields.List(Text(40), load_default=list, validate=validate.Length(max=20))
    reason = Text(2000, required=True, metadata={"example": "Şubeye gelip yeniden kaydolmak istedi."})

    @validates_schema
    def _named(self, data: dict[str, object], **_: object) -> None:
        if not (data.get("tax_id") or data.get("emails") or data.get("phones")):
            raise ValidationError("A tax id, an e-mail or a phone.", "tax_id")


class Readmitted(Shown):
    """How many erasures ceased to keep this person out."""

    readmitted = fields.Integer(required=True)
