"""Where each kind of a timeline comes from: one SELECT each, served in order by an index on the customer.

Each answers `at, id, kind, actor, partner, detail`. Parameters: `ids` (the customer's, those it has taken up included)
and `fields` (those that may be seen). A partner is told of few kinds, and of these what row-level security leaves: what
concerns itself.

No two entries have both moment and id in common, or a page that ends between them would lose one: what one row tells
several of, or several rows one, has an id made of what tells it apart.
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
# Who of the house it was is in the audit trail, which the database reads to nobody outside; syncs are not in it.
SHARE = """
    SELECT s.at, s.id, 'share' AS kind,
        (SELECT a.actor FROM audit_entries a
         WHERE a.resource = 'customer' AND a.resource_id = ANY(CAST(CAST(:ids AS uuid[]) AS text[]))
             AND a.action = s.action AND a.detail ->> 'partner' = p.code
             AND a.at BETWEEN s.at AND s.at + interval '5 seconds'
         ORDER BY a.at LIMIT 1) AS actor,
        p.code AS partner, json_build_object('step', s.step, 'ground', s.ground) AS detail
    FROM (
        SELECT partner_id, ground, shared_at AS at, partner_id AS id,
            'made' AS step, 'customer.shared' AS action
        FROM shares WHERE customer_id = ANY(:ids)
        UNION ALL
        SELECT partner_id, ground, shared_at, CAST(md5(id || ' made') AS uuid), 'made', 'customer.shared'
        FROM past_shares WHERE customer_id = ANY(:ids) AND why <> 'changed'
        UNION ALL
        SELECT partner_id, ground, ended_at, id, why,
            CASE why WHEN 'changed' THEN 'customer.share_changed' ELSE 'customer.unshared' END
        FROM past_shares WHERE customer_id = ANY(:ids)
    ) s JOIN partners p ON p.id = s.partner_id
"""
DELIVERY = """
    SELECT d.created_at AS at, d.id, 'delivery' AS kind, NULL AS actor, p.code AS partner,
        json_build_object('message_id', d.id, 'event_type', d.type, 'status', d.status, 'to', e.url) AS detail
    FROM webhook_deliveries d JOIN webhook_endpoints e ON e.id = d.endpoint_id
    LEFT JOIN partners p ON p.id = e.partner_id WHERE d.customer_id = ANY(:ids)
"""
# What is told of by its own record already, and who looked: the access log tells it of everybody.
_TOLD_OF = """(
    'customer.created', 'customer.updated', 'customer.shared', 'customer.share_changed', 'customer.unshared',
    'matter.opened', 'matter.changed', 'matter.read', 'customer.read', 'customer.looked_up', 'consents.listed',
    'timeline.read', 'access_log.read', 'disclosures.read'
)"""
ACTION = f"""
    SELECT a.at, a.id, 'action' AS kind, a.actor, a.detail ->> 'partner' AS partner,
        json_build_object('action', a.action, 'channel', a.channel, 'purpose', a.purpose, 'detail', a.detail) AS detail
    FROM audit_entries a
    WHERE a.resource = 'customer' AND a.resource_id = ANY(CAST(CAST(:ids AS uuid[]) AS text[]))
        AND a.action NOT IN {_TOLD_OF}
"""  # noqa: S608  # our own text
# Each of their steps stands in the audit trail. What a partner is told of a claim, and when, is not for a timeline.
_STEPS = """
    SELECT a.at, a.id, '{name}' AS kind, a.actor, c.partner,
        json_build_object('{name}_id', c.id, 'step', split_part(a.action, '.', 2), 'scope', c.scope) AS detail
    FROM {name}s c JOIN audit_entries a ON a.resource = '{name}' AND a.resource_id = CAST(c.id AS text)
    WHERE c.customer_id = ANY(:ids)
"""
# What is asked and answered there is for those who work on it.
CASE = """
    SELECT c.created_at AS at, c.id, 'case' AS kind, NULL AS actor, NULL AS partner,
        json_build_object('case_id', c.id, 'kind', c.kind) AS detail
    FROM rights_cases c WHERE c.customer_id = ANY(:ids)
"""
# Of one of the ids (`whose`), with the hour. It stands where it began: where it ends may move while pages are read.
READ = """
    SELECT a.first_at AS at,
        CAST(md5(concat_ws(' ', a.customer_id, a.reader, extract(epoch FROM a.hour))) AS uuid) AS id,
        'read' AS kind, a.actor, p.code AS partner,
        json_build_object('what', a.what, 'purpose', a.purpose, 'channel', a.channel, 'role', a.role,
            'organisation', a.organisation, 'last_at', a.last_at, 'times', a.times) AS detail, a.hour
    FROM access_log a LEFT JOIN partners p ON p.id = a.partner_id WHERE a.customer_id = whose.id
"""
# What went to a partner's system, and what of the past stands in its own table no more; once for each partner and way.
DISCLOSURE = """
    SELECT min(d.first_at) AS at, CAST(md5(concat_ws(' ', d.partner_id, d.way, d.what)) AS uuid) AS id,
        'disclosure' AS kind, NULL AS actor, p.code AS partner,
        json_build_object('way', d.way, 'what', d.what, 'last_at', max(d.last_at), 'times', sum(d.times)) AS detail
    FROM (
        SELECT partner_id, way, what, first_at, last_at, times FROM disclosures WHERE customer_id = ANY(:ids)
        UNION ALL
        SELECT l.partner_id, 'sync', r.stream, r.first_sent_at, r.last_sent_at, 1
        FROM sync_references r JOIN sync_links l ON l.id = r.link_id
        WHERE r.first_sent_at IS NOT NULL AND (
            r.record_id = ANY(:ids)
            OR r.record_id = ANY(ARRAY(SELECT i.id FROM interactions i WHERE i.customer_id = ANY(:ids)))
        )
    ) d JOIN partners p ON p.id = d.partner_id GROUP BY d.partner_id, p.code, d.way, d.what
"""

SOURCES = {
    "interaction": INTERACTION,
    "matter": MATTER,
    "work": WORK,
    "change": CHANGE,
    "creation": CREATION,
    "share": SHARE,
    "delivery": DELIVERY,
    "action": ACTION,
    "claim": _STEPS.format(name="claim"),
    "referral": _STEPS.format(name="referral"),
    "case": CASE,
    "disclosure": DISCLOSURE,
    "read": READ,
}
_OUTSIDE = ("interaction", "matter", "share", "delivery")
_BY_SCOPE = {
    "delivery": "webhooks:read",
    "interaction": "interactions:read",
    "matter": "matters:read",
    "work": "queues:read",
    "claim": "claims:read",
    "referral": "referrals:read",
    "case": "rights:read",
    "disclosure": "access:read",
    "read": "access:read",
}
# There are more of them than of all else together, and whoever looks makes another one.
ONLY_ASKED = frozenset({"read"})


def kinds_for(channel: Channel, scopes: frozenset[str]) -> tuple[str, ...]:
    """The kinds that a channel and its scopes are told."""
    kinds = SOURCES if channel is Channel.INTRANET else _OUTSIDE
    return tuple(kind for kind in kinds if kind not in _BY_SCOPE or _BY_SCOPE[kind] in scopes)
