"""Where a record's fields came from, and when: kept beside the record and shown inside alone.

`{"": [source, at]}` says it of all fields at once, later keys of one that changed since: `family_name`,
`attributes/colour`, `contact_points/<id>`. A source is the id of a sync link, `partner:<code>`, or `hub:<channel>`;
`at` is the moment by that source's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from gateway.channels import Caller, Channel
from gateway.db import now

Sources = dict[str, list[str]]
HUB = "hub"
OF_CUSTOMER = f"{HUB}:{Channel.INTERNET}"  # the customer, by whatever way
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Source(NamedTuple):
    """Who said something, and when."""

    name: str
    at: datetime


def source_of(caller: Caller) -> Source:
    """The caller as a source; it never names a person."""
    if caller.origin:
        return Source(caller.origin, now())
    if caller.channel is Channel.EXTRANET:
        return Source(f"partner:{caller.partner}", now())
    return Source(f"{HUB}:{caller.channel}", now())


def born(source: Source) -> Sources:
    """The sources of a record that all came at once."""
    return {"": [source.name, written(source.at)]}


def noted(sources: Sources, paths: Iterable[str], source: Source, gone: Iterable[str] = ()) -> Sources:
    """The sources after `paths` changed and the items `gone` left."""
    dropped = frozenset(gone)
    kept = {path: said for path, said in sources.items() if path not in dropped}
    return kept | {path: [source.name, written(source.at)] for path in paths}


def of(sources: Sources, path: str) -> Source:
    """Where the value at `path` came from: as noted for itself, its field or the whole record."""
    for known in (path, path.partition("/")[0], ""):
        if known in sources:
            name, at = sources[known]
            return Source(name, datetime.fromisoformat(at))
    return Source(HUB, LONG_AGO)


def written(at: datetime) -> str:
    """A moment as it is kept; in UTC."""
    return at.isoformat().replace("+00:00", "Z")
