"""By what a row is recognised: an e-mail, a phone, a tax id, or what a system calls the customer."""

from __future__ import annotations

from typing import Any

from gateway.customers.shape import keys_of as all_keys_of
from gateway.errors import refuse_field
from gateway.transfers.importing.targets import field_of

_NOTHING: dict[str, Any] = {"display_name": "", "contact_points": [], "identifiers": [], "tax_id": None}


def keys_of(stored: dict[str, Any], match_on: str | None) -> set[str]:
    """The keys of a row in stored form; raises Invalid for one that has none."""
    kind, _, system = (match_on or "").partition(".")
    if kind == "tax_id":
        part: dict[str, Any] = {"tax_id": stored.get("tax_id")}
    elif kind == "identifier":
        part = {"identifiers": [each for each in stored.get("identifiers", ()) if each["system"] == system]}
    else:
        part = {"contact_points": [each for each in stored.get("contact_points", ()) if each["kind"] == kind]}
    keys = all_keys_of(_NOTHING | part)
    if not keys:
        raise refuse_field("", "no_key", f"There is no {system or kind} to recognise this customer by.")
    return keys


def field_asked(match_on: str) -> str:
    """The field of a customer that recognising looks at."""
    return field_of(match_on) or match_on
