"""Matters on the wire: what a customer wants settled, however many times they speak of it and to whom."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from schemas.base import Flag, Moment, Schema, Shown, Text
from schemas.interaction import Interaction, PublicInteraction
from schemas.page import PageQuery
from schemas.queue import PRIORITIES, SERVICE_POINTS
from schemas.record import VISIBILITIES

MATTER_KINDS = ("inquiry", "request", "complaint", "service", "other")
MATTER_STATUSES = ("open", "pending", "solved", "closed")
ENTRY_KINDS = ("opened", "note", "status", "change", "interaction")
_STATUS = {"description": "`pending`: it waits for the customer; whoever speaks of a `solved` one opens it again"}
_POINT = {"description": "the desk at which it was opened"}


def _kind(**said: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(MATTER_KINDS), **said)


class OwnMatterInput(Schema):
    """What a customer wants settled."""

    subject = Text(300, required=True, metadata={"example": "Teslimat gecikti"})
    description = Text(20_000, allow_none=True, load_default=None)
    kind = _kind(load_default="inquiry")
    service_point = fields.String(load_default="web", validate=validate.OneOf(("web", "app")), metadata=_POINT)


class PartnerMatterInput(OwnMatterInput):
    """What a customer of a partner's wants settled."""

    customer_id = fields.UUID(required=True)
    service_point = fields.String(load_default="dealer", validate=validate.OneOf(SERVICE_POINTS), metadata=_POINT)


class MatterPlan(Schema):
    """Who is to settle it, and how soon."""

    priority = fields.String(load_default="normal", validate=validate.OneOf(PRIORITIES))
    owner = Text(100, allow_none=True, load_default=None, metadata={"description": "username of an employee"})
    queue_id = fields.UUID(
        allow_none=True, load_default=None, metadata={"description": "null: the one that takes what comes from there"}
    )
    partner = Text(
        63, allow_none=True, load_default=None, metadata={"description": "code of the partner that works on it too"}
    )
    internal = Flag(load_default=False, metadata={"description": "the customer is not shown it"})
    due_at = Moment(metadata={"description": "by when it is to be solved; left out: as its priority says"})


class OpenedMatter(MatterPlan):
    """A matter that is opened beside what was said of it."""

    subject = Text(300, required=True)
    description = Text(20_000, allow_none=True, load_default=None)
    kind = _kind(load_default="inquiry")


class MatterInput(OpenedMatter):
    """A new matter inside."""

    customer_id = fields.UUID(required=True)
    service_point = fields.String(load_default="call_centre", validate=validate.OneOf(SERVICE_POINTS), metadata=_POINT)


class PartnerMatterPatch(Schema):
    """What a partner may change of a matter that it works on."""

    status = fields.String(validate=validate.OneOf(MATTER_STATUSES), metadata=_STATUS)


class MatterPatch(MatterPlan):
    """What may be changed of a matter inside."""

    subject = Text(300)
    description = Text(20_000, allow_none=True)
    kind = _kind()
    status = fields.String(validate=validate.OneOf(MATTER_STATUSES), metadata=_STATUS)


class PublicMatter(Shown):
    """A matter as its customer sees it."""

    id = fields.UUID(required=True)
    number = fields.String(required=True, metadata={"example": "482917305642", "description": "to be said aloud"})
    customer_id = fields.UUID(required=True)
    partner = fields.String(required=True, allow_none=True, metadata={"description": "who works on it too"})
    subject = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    kind = _kind(required=True)
    status = fields.String(required=True, validate=validate.OneOf(MATTER_STATUSES))
    service_point = fields.String(required=True, validate=validate.OneOf(SERVICE_POINTS))
    opened_at = fields.AwareDateTime(required=True)
    first_responded_at = fields.AwareDateTime(required=True, allow_none=True)
    solved_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    version = fields.Integer(required=True)
    updated_at = fields.AwareDateTime(required=True)


class PartnerMatter(PublicMatter):
    """A matter as the partner sees it that works on it."""

    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    first_response_due_at = fields.AwareDateTime(required=True)
    due_at = fields.AwareDateTime(required=True)


class Matter(PartnerMatter):
    """A matter as it is shown inside."""

    owner = fields.String(required=True, allow_none=True, metadata={"description": "user:…"})
    queue_id = fields.UUID(required=True, allow_none=True)
    internal = fields.Boolean(required=True)
    opened_by = fields.String(required=True)
    escalated_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "it was too late then"}
    )
    reopened = fields.Integer(required=True, metadata={"description": "how often"})


class MatterEntry(Shown):
    """One thing that was said of a matter, or done with it."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    actor = fields.String(required=True, allow_none=True, metadata={"description": "inside alone"})
    partner = fields.String(required=True, allow_none=True, metadata={"description": "the partner that wrote it"})
    kind = fields.String(required=True, validate=validate.OneOf(ENTRY_KINDS))
    visibility = fields.String(required=True, validate=validate.OneOf(VISIBILITIES))
    text = fields.String(required=True, allow_none=True)
    detail = fields.Dict(required=True)


class MatterInteraction(Interaction):
    """An interaction that belongs to a matter."""


class PublicMatterInteraction(PublicInteraction):
    """The same outside."""


class LatestEntry(MatterEntry):
    """One of the newest entries of a matter."""


class _PublicBeside(Shown):
    """What stands beside a matter outside."""

    interactions = fields.List(fields.Nested(PublicMatterInteraction), required=True)
    entries = fields.List(fields.Nested(LatestEntry), required=True)


class WholePublicMatter(PublicMatter, _PublicBeside):
    """A matter with the newest of what belongs to it."""


class WholePartnerMatter(PartnerMatter, _PublicBeside):
    """A matter with the newest of what belongs to it."""


class WholeMatter(Matter):
    """A matter with the newest of what belongs to it."""

    interactions = fields.List(fields.Nested(MatterInteraction), required=True)
    entries = fields.List(fields.Nested(LatestEntry), required=True)


class OwnMatterNote(Schema):
    """What a customer adds."""

    text = Text(4000, required=True)


class PartnerMatterNote(OwnMatterNote):
    """What a partner adds: for the house, or for the customer too."""

    visibility = fields.String(load_default="partner", validate=validate.OneOf(("partner", "shared")))


class MatterNote(OwnMatterNote):
    """What the house adds: for itself, for the partner too, or for the customer too."""

    visibility = fields.String(load_default="internal", validate=validate.OneOf(VISIBILITIES))


class InteractionLink(Schema):
    """An interaction that belongs to a matter."""

    interaction_id = fields.UUID(required=True)


class MatterEntryQuery(PageQuery):
    """Nothing to filter by."""


class MatterQuery(PageQuery):
    """Filters of matters, what changed last first."""

    number = Text(20)
    customer_id = fields.UUID()
    status = fields.String(validate=validate.OneOf(MATTER_STATUSES))
    kind = _kind()


class InternalMatterQuery(MatterQuery):
    """The same inside."""

    owner = Text(200, metadata={"description": "user:…"})
    queue_id = fields.UUID()
    partner = Text(63)
    late = fields.Boolean(metadata={"description": "`true`: only what has missed its time"})
