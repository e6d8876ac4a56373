"""The Link header (RFC 8288 section 3), as far as walking a list needs it."""

from __future__ import annotations

import re

_LINK = re.compile(r'<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+))?)*)')
_REL = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]+))', re.IGNORECASE)


def target(header: str, relation: str) -> str | None:
    """The address of the first link with this relation, as it stands there, or None."""
    for address, parameters in _LINK.findall(header):
        named = _REL.search(parameters)
        if named and relation in (named[1] or named[2] or "").lower().split():
            return str(address)
    return None
