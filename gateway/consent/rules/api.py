"""`/contact-rules` of the house, and `/customers/{id}/contact-preferences`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from gateway.channels import Channel
from gateway.consent.rules import preferences, service
from gateway.consent.rules.models import Preferences, Rules
from gateway.consent.rules.moving import Wanted
from gateway.customers import moves, search
from gateway.http import Call, Operations, Reply, found
from schemas import consent_rules as shapes
from schemas.projection import show

operations = Operations("Consent")

_PARTNERS_AND_INSIDE = (Channel.EXTRANET, Channel.INTRANET)
_PREFERENCES = {
    Channel.INTERNET: shapes.Preferences,
    Channel.EXTRANET: shapes.Preferences,
    Channel.INTRANET: shapes.InternalPreferences,
}
_PATCHED = {Channel.INTERNET: shapes.PreferencesPatch, Channel.INTRANET: shapes.InternalPreferencesPatch}


@operations.get("/contact-rules", scope="consents:read", returns=shapes.ContactRules, channels=_PARTNERS_AND_INSIDE)
def show_contact_rules(call: Call) -> Reply:
    """Show when nobody is contacted, and how often a customer is at most, by everybody together."""
    rules = service.current(call.tx)
    return found(_rules(rules), rules.version)


@operations.patch(
    "/contact-rules",
    scope="consents:configure",
    body=shapes.RulesPatch,
    returns=shapes.ContactRules,
    channels=(Channel.INTRANET,),
    needs_version=True,
)
def change_contact_rules(call: Call) -> Reply:
    """Lay down quiet hours and caps; they hold from the next decision on."""
    rules = service.change(call.tx, call.body, call.expected_version())
    return found(_rules(rules), rules.version)


@operations.get("/customers/<id:customer_id>/contact-preferences", scope="consents:read", returns=_PREFERENCES)
def show_contact_preferences(call: Call, customer_id: UUID) -> Reply:
    """Show how a customer would like to be contacted."""
    search.get(call.tx, customer_id, ("id",))
    wanted = preferences.of(call.tx, customer_id)
    return found(_wanted(call, wanted), wanted.version)


@operations.patch(
    "/customers/<id:customer_id>/contact-preferences",
    scope="consents:write",
    body=_PATCHED,
    returns=_PREFERENCES,
    channels=(Channel.INTERNET, Channel.INTRANET),
    needs_version=True,
    also=(409,),
)
def change_contact_preferences(call: Call, customer_id: UUID) -> Reply:
    """Say how a customer would like to be contacted; quiet hours are added to those of the house."""
    wanted = preferences.change(call.tx, customer_id, call.body, call.expected_version())
    return found(_wanted(call, wanted), wanted.version)


def _rules(rules: Rules) -> dict[str, Any]:
    return show(shapes.ContactRules, rules)


def _wanted(call: Call, wanted: Preferences) -> dict[str, Any]:
    return show(_PREFERENCES[call.channel], wanted)


moves.register(Wanted())
