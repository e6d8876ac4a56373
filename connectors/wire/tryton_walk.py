"""Walking a Tryton database: its parties, then what changed inside them, then the deletions.

Ids order the walk: no record moves meanwhile, and none shares its place with another. Two things leave no trace in the
tables. A change to a child alone does not touch its party's write_date, so each child's table is asked, too. A deleted
child is gone together with the name of its party: only the log knows that there was one, and then all parties are read
again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from connectors.base import Page, Record
from connectors.wire import cursor as cursors
from connectors.wire import tryton_party as party_record
from connectors.wire.tryton_rpc import Rpc, read_time, write_time
from connectors.wire.understood import understood

PARTY = "party.party"
_CHILDREN = ("party.address", "party.contact_mechanism", "party.identifier")
_MODELS = (PARTY, *_CHILDREN)
_LOG = "ir.model.log"
_LOG_CHUNK = 500
_LONGEST_ID = 15


@dataclass(frozen=True, slots=True)
class Walk:
    """Where a round stands.

    `since` and `until` bound it, `mark` (Tryton's newest time when the round began) bounds the next one, `model` and
    `after` are the place, `top` is the highest party ever seen, `log` the log's last entry when the round began, and
    `whole` says that a child was deleted.
    """

    since: str | None = None
    until: str | None = None
    mark: str | None = None
    model: int = 0
    after: int = 0
    top: int = 0
    log: int | None = None
    whole: bool = False


_CURSOR_KEYS = frozenset({"since", "until", "mark", "model", "after", "top", "log", "whole"})


class Reader:
    """Reads parties; `settings` are the connector's."""

    def __init__(self, rpc: Rpc, settings: Mapping[str, Any]) -> None:
        self._rpc = rpc
        self._settings = settings

    @understood("Tryton")
    def begin(self, cursor: str | None) -> Walk:
        """The walk a cursor stands for; from the end of a round, one that begins a little before."""
        if cursor is None:
            return Walk(mark=self._newest(), log=self._last_logged())
        state = cursors.read(cursor, _CURSOR_KEYS)
        if "since" in state:
            return Walk(**state)
        mark, log = state.get("mark"), state.get("log")
        since = cursors.back(mark, self._settings["overlap_seconds"]) if mark else None
        lost = since is not None and log is not None and self._lost_children(log)
        return Walk(since, None, self._newest() or mark, top=state.get("top", 0), log=self._last_logged(), whole=lost)

    @understood("Tryton")
    def resume(self, cursor: str | None, since: dt.datetime, until: dt.datetime) -> Walk | None:
        """The walk along a range of time; None behind its end."""
        if cursor is None:
            return Walk(cursors.text(since), cursors.text(until))
        state = cursors.read(cursor, _CURSOR_KEYS)
        return Walk(**state) if "since" in state else None

    def pages(self, walk: Walk) -> Iterator[Page]:
        """Every page from there on."""
        following: Walk | None = walk
        while following:
            page, following = self._step(following)
            yield page

    def read(self, ids: list[int]) -> list[Any]:
        """The parties of these numbers, as far as they are there."""
        order = [["id", "ASC"]]
        return self._call(PARTY, "search_read", [["id", "in", ids]], 0, None, order, party_record.FIELDS) if ids else []

    def record(self, party: Any) -> Record:
        """A party in our shape; one that cannot be read says so, and keeps no other back."""
        external_id = str(party["id"])
        try:
            return party_record.to_record(party, self._settings["unknown_kind"])
        except (TypeError, ValueError, LookupError, AttributeError) as wrong:
            told = f"Tryton's party {external_id} has an unexpected form ({type(wrong).__name__})."
            return {"external_id": external_id, "unreadable": told}

    @understood("Tryton")
    def _step(self, walk: Walk) -> tuple[Page, Walk | None]:
        limit = self._settings["page_size"]
        name = "id" if walk.model == 0 else "party"
        domain = [["id", ">", walk.after], *([] if walk.whole else _changed(walk.since, walk.until))]
        rows = self._call(_MODELS[walk.model], "search_read", domain, 0, limit, [["id", "ASC"]], [name])
        parties = self.read(sorted({row[name] for row in rows}))
        walk = replace(walk, top=max([walk.top, *(party["id"] for party in parties)]))
        following = _following(walk, rows, limit)
        deleted = [] if following else self._deleted(walk)
        living = [self.record(party) for party in parties if str(party["id"]) not in deleted]
        kept = living if walk.until is None else [record for record in living if _is_within(record, walk)]
        return Page(kept, _cursor(following, walk), deleted), following

    def _newest(self) -> str | None:
        """The newest time in the tables we watch: what happens from now on is not older, by Tryton's own clock."""
        rows: list[Any] = []
        for model in (*_MODELS, _LOG):
            for order in (["write_date", "DESC NULLS LAST"], ["id", "DESC"]):
                rows += self._call(model, "search_read", [], 0, 1, [order], ["write_date", "create_date"])
        return cursors.latest(read_time(row[name]) for row in rows for name in ("write_date", "create_date"))

    # What the log tells, where the user may read it

    def _last_logged(self) -> int | None:
        if not self._settings["tombstones"]:
            return None
        last = self._call(_LOG, "search", [], 0, 1, [["id", "DESC"]])
        return int(last[0]) if last else 0

    def _lost_children(self, log: int) -> bool:
        """Whether a child was deleted; those of a deleted party are not logged one by one."""
        of_children = ["OR", *([["resource", "like", f"{model},%"]] for model in _CHILDREN)]
        domain = [["event", "=", "delete"], ["id", ">", log], of_children]
        return bool(self._settings["tombstones"] and self._call(_LOG, "search_count", domain, 0, None))

    def _deleted(self, walk: Walk) -> list[str]:
        """Which parties were deleted since: the log knows, but names a deleted party only when asked for it."""
        if walk.since is None or walk.until is not None or not self._settings["tombstones"]:
            return []
        events = [["event", "=", "delete"], ["create_date", ">=", write_time(walk.since)]]
        if not self._call(_LOG, "search_count", [*events, ["resource", "like", f"{PARTY},%"]], 0, None):
            return []
        living = set(self._call(PARTY, "search", [["id", "<=", walk.top]], 0, None, None))
        gaps = [number for number in range(1, walk.top + 1) if number not in living]
        chunks = [gaps[start : start + _LOG_CHUNK] for start in range(0, len(gaps), _LOG_CHUNK)]
        return [str(number) for chunk in chunks for number in self._logged(events, chunk)]

    def _logged(self, events: list[Any], numbers: list[int]) -> list[int]:
        """Those of the numbers that the log has a deletion for, by halving."""
        resources = [f"{PARTY},{number}" for number in numbers]
        count = self._call(_LOG, "search_count", [*events, ["resource", "in", resources]], 0, None)
        if count == 0 or count >= len(numbers):
            # More than there are numbers: one was deleted, restored and deleted again. None of them is living.
            return numbers if count else []
        middle = len(numbers) // 2
        return [*self._logged(events, numbers[:middle]), *self._logged(events, numbers[middle:])]

    def _call(self, model: str, method: str, *params: Any) -> Any:
        return self._rpc.call(f"model.{model}.{method}", *params)


def number_of(external_id: str | None) -> int | None:
    """The party's number, if this is one."""
    text = external_id or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else None


def _changed(since: str | None, until: str | None) -> list[Any]:
    """A record never written has no write_date: both arms are needed."""
    bounds = [(sign, write_time(bound)) for sign, bound in ((">=", since), ("<", until)) if bound]
    if not bounds:
        return []
    written = [["write_date", sign, moment] for sign, moment in bounds]
    created = [["create_date", sign, moment] for sign, moment in bounds]
    return [["OR", written, [["write_date", "=", None], *created]]]


def _is_within(record: Record, walk: Walk) -> bool:
    """Whether the last change to the party, or to anything in it, lies in the range."""
    changed = record.get("updated_at")
    return changed is None or (walk.since or "") <= changed < (walk.until or "")


def _following(walk: Walk, rows: list[Any], limit: int) -> Walk | None:
    if len(rows) == limit:
        return replace(walk, after=rows[-1]["id"])
    # Whoever reads everything has read the children with their parties.
    if walk.since is None or walk.whole or walk.model == len(_MODELS) - 1:
        return None
    return replace(walk, model=walk.model + 1, after=0)


def _cursor(following: Walk | None, walk: Walk) -> str:
    if following:
        return cursors.write(**asdict(following))
    return cursors.write(mark=walk.mark, top=walk.top, log=walk.log)
