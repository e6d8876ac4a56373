"""A full run: list everything a partner has, then follow the deletions it never told of; unless they are too many."""

from __future__ import annotations

from connectors.base import ConnectorError, Record
from gateway.sync.deletions import listing
from gateway.sync.deletions.guard import refuse_blind_deletion, refuse_mass_deletion
from gateway.sync.deletions.listing import ListingBookmark
from gateway.sync.pull import LinkBookmark, walk
from gateway.sync.single import answered
from gateway.sync.streams import STREAMS
from gateway.sync.take import follow_deletions, take
from gateway.sync.work import Work

_BATCH = 50
_MOST_ASKED = 1000
_COMPARED = "compare"


def list_everything(work: Work) -> None:
    """Pull every stream from its beginning to its end, and end what is missing there; a later attempt goes on."""
    if "full_listing" not in work.connector.can:
        raise ConnectorError(f"{work.connector.title} cannot list everything it has, so no full run can.", True)
    for stream in streams_of(work):
        _list(work, stream)
    _compare(work)
    for stream in streams_of(work):
        _follow(work, stream)
        with work.page(stream) as (tx, _):
            ListingBookmark(work.lease.run_id, stream).forget(tx)


def streams_of(work: Work) -> list[str]:
    """The streams of this partner, customers first."""
    return [name for name in STREAMS if name in work.connector.streams]


def _list(work: Work, stream: str) -> None:
    step = f"pull:{stream}"
    if step in work.steps_done:
        return
    bookmark = ListingBookmark(work.lease.run_id, stream)
    walk(work, stream, bookmark)
    with work.page(stream) as (tx, _):
        cursor = bookmark.read(tx)
        if cursor is not None:
            LinkBookmark(work.link.id, stream).move(tx, cursor)
    work.finish_step(step)


def _compare(work: Work) -> None:
    """Find what vanished from all the streams before anything is deleted in one."""
    if _COMPARED in work.steps_done:
        return
    with work.page("customers") as (tx, _):
        known = {stream: listing.compare(tx, work.lease.run_id, work.link.id, stream) for stream in streams_of(work)}
        vanished = listing.vanished_counts(tx, work.lease.run_id)
        nameless = listing.nameless_counts(tx, work.lease.run_id)
    refuse_blind_deletion(nameless, vanished, work.options.get("allow_deletions"))
    refuse_mass_deletion(work.link, known, vanished, work.options.get("allow_deletions"))
    work.finish_step(_COMPARED)


def _follow(work: Work, stream: str) -> None:
    """End the vanished; the partner is asked for each where it can be, for a list that shifts loses some.

    One that it cannot be asked for stays until the next listing.
    """
    asked = 0
    while True:
        with work.page(stream) as (tx, _):
            gone = listing.next_vanished(tx, work.lease.run_id, stream, _BATCH)
        if not gone:
            return
        told = _ask_again(work, stream, gone) if asked < _MOST_ASKED else dict.fromkeys(gone)
        asked += len(told)
        found = [record for record in told.values() if isinstance(record, dict)]
        with work.page(stream) as (tx, tally):
            take(tx, work.link, STREAMS[stream], found, tally)
            follow_deletions(tx, work.link, STREAMS[stream], [each for each in told if told[each] is None], tally)
            listing.settle(tx, work.lease.run_id, stream, list(told))
        work.take_breath()


def _ask_again(work: Work, stream: str, external_ids: list[str]) -> dict[str, Record | ConnectorError | None]:
    """What the partner has of them after all: of all, or of the first ones as far as it answers.

    Raises the ConnectorError where it can be asked for none of them: then its single records are not where we look.
    """
    if "fetch" not in work.connector.can:
        return dict.fromkeys(external_ids)
    told = answered(work, stream, external_ids)
    wrong = [each for each in told.values() if isinstance(each, ConnectorError)]
    if len(wrong) == len(told):
        raise wrong[0]
    return told
