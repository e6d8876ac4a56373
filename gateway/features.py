"""The features whose operations stand on the channels, and the jobs that workers and upkeep run."""

from __future__ import annotations

from types import ModuleType

from gateway import audit_api
from gateway.channels import Channel
from gateway.claims import api as claims
from gateway.claims import erasing as claim_erasing
from gateway.claims import jobs as claim_jobs
from gateway.claims import moving as claim_moves
from gateway.claims import review_api as claim_reviews
from gateway.claims.referrals import api as referrals
from gateway.claims.referrals import offering_api as offered_referrals
from gateway.consent import erasing as consent_erasing
from gateway.consent import jobs as consent_jobs
from gateway.consent.decisions import api as contact_decisions
from gateway.consent.opt_in import api as consent_confirmations
from gateway.consent.purposes import api as consent_purposes
from gateway.consent.rules import api as contact_rules
from gateway.consent.statements import api as consents
from gateway.customers import api as customers
from gateway.customers import fields
from gateway.customers import jobs as sharing_jobs
from gateway.customers import sharing_api as shares
from gateway.customers.attributes import api as customer_attributes
from gateway.customers.attributes import jobs as attribute_jobs
from gateway.customers.finding import jobs as search_jobs
from gateway.customers.reads import api as accesses
from gateway.customers.reads import jobs as access_jobs
from gateway.desk.contacts import api as contacts
from gateway.desk.contacts import dispositions_api as dispositions
from gateway.desk.lookup import api as lookup
from gateway.desk.matters import api as matters
from gateway.desk.matters import jobs as matter_jobs
from gateway.desk.queues import api as queues
from gateway.desk.queues import items_api as queue_items
from gateway.desk.queues import jobs as queue_jobs
from gateway.desk.timeline import api as timeline
from gateway.http import Operations
from gateway.identity import api as identity
from gateway.identity import erasing as identity_erasing
from gateway.identity import jobs as identity_jobs
from gateway.identity.merging import api as merging
from gateway.identity.merging import registered as identity_moves
from gateway.interactions import api as interactions
from gateway.interactions import erasing as interaction_erasing
from gateway.longrunning import api as longrunning
from gateway.longrunning import jobs as longrunning_jobs
from gateway.oauth import jobs as oauth_jobs
from gateway.oauth.scopes import SCOPES, scopes_on
from gateway.openapi import Reach, Told
from gateway.partners import api as partners
from gateway.rights.access import api as subject_access
from gateway.rights.access import jobs as subject_access_jobs
from gateway.rights.cases import api as rights
from gateway.rights.cases import keeping as rights_keeping
from gateway.rights.disclosures import api as disclosures
from gateway.rights.erasure import api as erasures
from gateway.rights.erasure import below as erasing_below
from gateway.rights.erasure import jobs as erasure_jobs
from gateway.rights.rectification import api as rectifications
from gateway.rights.restriction import api as restrictions
from gateway.rights.restriction import jobs as restriction_jobs
from gateway.sync import api as sync
from gateway.sync import erasing as sync_erasing
from gateway.sync import jobs as sync_jobs
from gateway.sync import moving as sync_moves
from gateway.sync.deletions import api as sync_deletions
from gateway.sync.deletions import jobs as sync_deletion_jobs
from gateway.sync.hooks import jobs as sync_hook_jobs
from gateway.sync.merging import api as sync_merging
from gateway.sync.preview import api as sync_preview
from gateway.sync.preview import jobs as sync_preview_jobs
from gateway.sync.quarantine import api as sync_quarantine
from gateway.sync.repairs import api as sync_repairs
from gateway.sync.repairs import jobs as sync_repair_jobs
from gateway.sync.schedules import api as sync_schedules
from gateway.sync.schedules import jobs as sync_schedule_jobs
from gateway.sync.traffic import api as sync_traffic
from gateway.sync.traffic import jobs as sync_traffic_jobs
from gateway.transfers import erasing as transfer_erasing
from gateway.transfers import jobs as transfer_jobs
from gateway.transfers.exporting import api as exports
from gateway.transfers.importing import api as imports
from gateway.webhooks import erasing as webhook_erasing
from gateway.webhooks import jobs as webhook_jobs
from gateway.webhooks import moving as webhook_moves
from gateway.webhooks.catalogue import api as event_catalogue
from gateway.webhooks.catalogue import shown as event_types
from gateway.webhooks.endpoints import api as webhook_endpoints
from gateway.webhooks.events import api as events
from gateway.webhooks.messages import again_api as webhook_again
from gateway.webhooks.messages import api as webhook_messages
from gateway.webhooks.messages import attempts_api as webhook_attempts
from gateway.webhooks.messages import jobs as webhook_message_jobs
from gateway.webhooks.messages import retention_api as webhook_retention
from gateway.webhooks.rendering import View
from schemas.customer import Customer
from schemas.event_catalogue import types_on

FEATURES: tuple[Operations, ...] = (
    disclosures.operations,
    subject_access.operations,
    rectifications.operations,
    restrictions.operations,
    accesses.operations,
    audit_api.operations,
    claims.operations,
    claim_reviews.operations,
    referrals.operations,
    offered_referrals.operations,
    consents.operations,
    consent_confirmations.operations,
    consent_purposes.operations,
    contact_decisions.operations,
    contact_rules.operations,
    customers.operations,
    shares.operations,
    customer_attributes.operations,
    contacts.operations,
    dispositions.operations,
    lookup.operations,
    matters.operations,
    queues.operations,
    queue_items.operations,
    timeline.operations,
    identity.operations,
    merging.operations,
    imports.operations,
    exports.operations,
    event_catalogue.operations,
    events.operations,
    interactions.operations,
    longrunning.operations,
    partners.operations,
    rights.operations,
    erasures.operations,
    sync.operations,
    sync_deletions.operations,
    sync_merging.operations,
    sync_preview.operations,
    sync_quarantine.operations,
    sync_repairs.operations,
    sync_schedules.operations,
    sync_traffic.operations,
    webhook_endpoints.operations,
    webhook_messages.operations,
    webhook_attempts.operations,
    webhook_again.operations,
    webhook_retention.operations,
)

# Importing a module of jobs registers its sweepers, chores and listeners.
JOBS: tuple[ModuleType, ...] = (
    claim_jobs,
    consent_jobs,
    queue_jobs,
    matter_jobs,
    identity_jobs,
    search_jobs,
    attribute_jobs,
    access_jobs,
    subject_access_jobs,
    restriction_jobs,
    sharing_jobs,
    oauth_jobs,
    longrunning_jobs,
    sync_jobs,
    sync_schedule_jobs,
    sync_repair_jobs,
    webhook_jobs,
    webhook_message_jobs,
    sync_hook_jobs,
    sync_traffic_jobs,
    sync_preview_jobs,
    sync_deletion_jobs,
    transfer_jobs,
    erasure_jobs,
)

# Importing one registers what moves with a customer when two become one.
MOVES: tuple[ModuleType, ...] = (identity_moves, claim_moves, sync_moves, webhook_moves)

# Importing one registers what goes with a customer that is erased; the record itself comes last.
ERASES: tuple[ModuleType, ...] = (
    webhook_erasing,
    sync_erasing,
    consent_erasing,
    claim_erasing,
    transfer_erasing,
    identity_erasing,
    interaction_erasing,
    rights_keeping,
    erasing_below,
)


def reach_of(channel: Channel) -> Reach:
    """What a channel can reach at most, for its OpenAPI document."""
    granted = fields.BY_AGREEMENT if channel is Channel.EXTRANET else frozenset()
    return Reach(
        channel,
        {name: SCOPES[name].sentence for name in sorted(scopes_on(channel))},
        granted,
        {Customer: fields.visible_fields(channel, granted)},
    )


def told_on(channel: Channel) -> list[Told]:
    """What a channel is sent by webhooks at most, for the same document."""
    view = View(channel, fields.BY_AGREEMENT if channel is Channel.EXTRANET else frozenset())
    return [event_types.for_document(each, view) for each in types_on(channel)]
