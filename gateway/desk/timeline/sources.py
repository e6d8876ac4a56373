"""Where each kind of a timeline comes from: one SELECT each, served in order by an index on the customer.

Each answers `at, id, kind, actor, partner, detail`. Parameters: `ids` (the customer's, those it has taken up included)
and `fields` (those that may be seen). A partner is told of few kinds, and of these what row-level security leaves: what
concerns itself.
"""

from __future__ import annotations

from gateway.channels import Channel

INTERACTION = """
    SELECT i.occurred_at AS at, i.id, 'interaction' AS kind, i.agent AS actor, i.partner,
        json_build_object('interaction_id', i.id, 'channel', i.channel, 'kind', i.kind, 'direction', i.direction,
            'subject', i.subject, 'outcome', i.outcome) AS detail
    FROM interactions i WHERE i.customer_id = ANY(:ids)
"""
# Who of the house it was stays inside.
MATTER = """
    SELECT e.at, e.id, 'matter' AS kind,
        CASE WHEN (SELECT caller_channel()) = 'intranet' THEN e.actor END AS actor, m.partner,
        json_build_object('matter_id', m.id, 'number', m.number, 'subject', m.subject, 'entry', e.kind,
            'text', e.text, 'detail', e.detail) AS detail
    FROM matters m JOIN matter_entries e ON e.matter_id = m.id WHERE m.customer_id = ANY(:ids)
"""
WORK = """
    SELECT i.created_at AS at, i.id, 'work' AS kind, i.created_by AS actor, NULL AS partner,
        json_build_object('item_id', i.id, 'kind', i.kind, 'subject', i.subject, 'status', i.status,
            'ready_at', i.ready_at, 'outcome', i.outcome) AS detail
    FROM desk_items i WHERE i.customer_id = ANY(:ids)
"""
CHANGE = """
    SELECT e.occurred_at AS at, e.id, 'change' AS kind, e.actor, NULL AS partner,
        json_build_object('fields', ARRAY(SELECT f FROM unnest(e.changed) f WHERE f = ANY(:fields)),
            'after', (SELECT json_object_agg(f, e.record -> f) FROM unnest(e.changed) f WHERE f = ANY(:fields)),
            'seen_by', ARRAY(SELECT p.code FROM partners p WHERE p.id = ANY(e.partners) ORDER BY p.code)) AS detail
    FROM events e
    WHERE e.resource_id = ANY(:ids) AND cardinality(e.changed) > 0 AND e.changed && CAST(:fields AS text[])
"""
CREATION = """
    SELECT c.created_at AS at, c.id, 'creation' AS kind, c.sources #>> '{"",0}' AS actor, NULL AS partner,
        json_build_object('display_name', c.display_name) AS detail
    FROM customers c WHERE c.id = ANY(:ids)
"""
SHARE = """
    SELECT s.shared_at AS at, s.partner_id AS id, 'share' AS kind, NULL AS actor, p.code AS partner,
        json_build_object('ground', s.ground) AS detail
    FROM shares s JOIN partners p ON p.id = s.partner_id WHERE s.customer_id = ANY(:ids)
"""
DELIVERY = """
    SELECT d.created_at AS at, d.id, 'delivery' AS kind, NULL AS actor, p.code AS partner,
        json_build_object('message_id', d.id, 'event_type', d.type, 'status', d.status, 'to', e.url) AS detail
    FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    LEFT JOIN partners p ON p.id = e.partner_id WHERE d.customer_id = ANY(:ids)
"""
_AUDITED = """
    SELECT a.at, a.id, '{kind}' AS kind, a.actor, a.detail ->> 'partner' AS partner,
        json_build_object('action', a.action, 'channel', a.channel, 'purpose', a.purpose, 'detail', a.detail) AS detail
    FROM audit_entries a
    WHERE a.resource = 'customer' AND a.resource_id = ANY(CAST(CAST(:ids AS uuid[]) AS text[])) AND {condition}
"""
# What is told of by its own record already.
_TOLD_OF = "('customer.created', 'customer.updated', 'customer.shared')"
_LOOKED_AT = "('customer.read', 'customer.looked_up', 'consents.listed', 'timeline.read')"
READING = _AUDITED.format(kind="reading", condition=f"a.action IN {_LOOKED_AT}")
ACTION = _AUDITED.format(kind="action", condition=f"a.action NOT IN {_LOOKED_AT} AND a.action NOT IN {_TOLD_OF}")

SOURCES = {
    "interaction": INTERACTION,
    "matter": MATTER,
    "work": WORK,
    "change": CHANGE,
    "creation": CREATION,
    "share": SHARE,
    "delivery": DELIVERY,
    "reading": READING,
    "action": ACTION,
}
_OUTSIDE = ("interaction", "matter", "share", "delivery")
_BY_SCOPE = {
    "reading": "audit:read",
    "delivery": "webhooks:read",
    "interaction": "interactions:read",
    "matter": "matters:read",
    "work": "queues:read",
}


def kinds_for(channel: Channel, scopes: frozenset[str]) -> tuple[str, ...]:
    """The kinds that a channel and its scopes are told."""
    kinds = SOURCES if channel is Channel.INTRANET else _OUTSIDE
    return tuple(kind for kind in kinds if kind not in _BY_SCOPE or _BY_SCOPE[kind] in scopes)
