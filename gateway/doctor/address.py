"""The public address, as those outside see it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from gateway.config import Settings
from gateway.doctor.finding import Finding, hint, ok, wrong


def check_web(settings: Settings) -> Finding:
    """Whoever answers at the public address says it is the issuer we are."""
    url = f"{settings.base_url}/.well-known/oauth-authorization-server"
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310  # our own address
            issuer = json.load(answer).get("issuer")
    except (urllib.error.URLError, OSError, ValueError, AttributeError) as error:
        return wrong(
            "web", f"{settings.base_url} does not answer: {error}", "Start it (kopru serve), or mend the proxy."
        )
    if issuer != settings.base_url:
        advice = "Give every process the same KOPRU_BASE_URL; tokens of another issuer are refused."
        return wrong("web", f"{settings.base_url} calls itself {issuer}", advice)
    return ok("web", f"{settings.base_url} answers as its own issuer")


def check_base_url(settings: Settings) -> Finding:
    """An https address means a proxy in front, and its headers must be counted."""
    if settings.is_https and not settings.trusted_proxies:
        return hint(
            "proxies",
            "the address is https, and no proxy is counted: every caller seems to come from the proxy's address",
            "Set KOPRU_TRUSTED_PROXIES to the number of proxies in front.",
        )
    return ok("proxies", f"{settings.trusted_proxies} counted")
