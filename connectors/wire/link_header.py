"""The Link header (RFC 8288 section 3), as far as walking a list needs it."""

from __future__ import annotations

import re

_VALUE = r'(?:"(?:[^"\\]|\\.)*"|[^\s";,]+)'
_LINK = re.compile(rf"<([^<>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*{_VALUE})?)*)")
_PARAMETER = re.compile(rf";\s*([^\s=;,]+)\s*(?:=\s*({_VALUE}))?")


def target(header: str, relation: str) -> str | None:
    """The address of the first link with this relation, as it stands there, or None."""
    for address, parameters in _LINK.findall(header):
        named = next((value for name, value in _PARAMETER.findall(parameters) if name.lower() == "rel"), "")
        if relation in named.strip('"').lower().split():
            return str(address)
    return None
