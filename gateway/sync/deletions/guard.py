"""The guard before a mass deletion: a list cut short by a partner's mistake must not end what we share with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.base import ConnectorError
from gateway.sync.work import Link

FEW = 5


def refuse_mass_deletion(link: Link, known: Mapping[str, int], vanished: Mapping[str, int], allowed: Any) -> None:
    """Raise a permanent ConnectorError where more is missing than the link allows, or than a person has allowed.

    `known` and `vanished` count records per stream; `allowed` is True, or the counts that were confirmed.
    """
    too_many = [
        f"{vanished[stream]:,} of {known[stream]:,} {stream}"
        for stream in known
        if vanished.get(stream, 0) > _most(link, known[stream], allowed, stream)
    ]
    if too_many:
        raise ConnectorError(
            f"The full listing misses {' and '.join(too_many)}, more than the {link.most_vanished_share:.0%} that this "
            "link allows, so nothing was deleted. See whether the partner's list is whole; if they are really gone, "
            f'confirm it: kopru sync confirm-deletions "{link.name}".',
            permanent=True,
        )


def refuse_blind_deletion(nameless: Mapping[str, int], vanished: Mapping[str, int], allowed: Any) -> None:
    """Raise a permanent ConnectorError where what is missing may be what the listing has and nobody can name."""
    doubtful = [f"{nameless[stream]:,} {stream}" for stream in nameless if vanished.get(stream)]
    if doubtful and not allowed:
        raise ConnectorError(
            f"The full listing holds {' and '.join(doubtful)} without an external id that can be read; what it misses "
            "may be among them, so nothing was deleted. See the rejected records of this link.",
            permanent=True,
        )


def _most(link: Link, known: int, allowed: Any, stream: str) -> float:
    if allowed is True:
        return known
    confirmed = allowed.get(stream, 0) if isinstance(allowed, Mapping) else 0
    return max(FEW, link.most_vanished_share * known, confirmed)
