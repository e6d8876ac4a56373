"""Which records of the next page are known already: looked up while the page before it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from connectors.base import Page
from gateway import bulk
from gateway.channels import Caller
from gateway.db import transaction
from gateway.sync import crossref
from gateway.sync.gathering import MOST_PAGES
from gateway.sync.incoming import Incoming
from gateway.sync.work import STATEMENT_SECONDS


class Foreknowledge:
    """Marks the records of one walk's pages, given in order, before they are taken over.

    It is asked after the partner has spoken: whatever is written of a record between this and its page's own commit is
    younger than the page. But for the pages before: they are older, and some of them not written yet.
    """

    def __init__(self, caller: Caller, link_id: UUID, stream: str) -> None:
        self._caller = caller
        self._link_id = link_id
        self._stream = stream
        # Of pages that are written together at most one lot is being written, and one is being gathered.
        self._under_way: deque[set[str]] = deque(maxlen=2 * MOST_PAGES)

    def mark(self, page: Page, records: Sequence[Any], *, ask: bool) -> None:
        """Say of each record whether it is known to say nothing new; unless `ask`, nothing is known."""
        arrived = [each for each in records if type(each) is Incoming]
        if ask and arrived:
            known = self._known(arrived).difference(*self._under_way)
            for each in arrived:
                each.is_known = each.external_id in known
                if each.is_known:
                    each.forget()
        self._under_way.append({each.external_id for each in arrived if not each.is_known} | set(page.deleted))

    def _known(self, arrived: Sequence[Incoming]) -> set[str]:
        with transaction(self._caller, statement_seconds=STATEMENT_SECONDS) as tx, bulk.planned_afresh(tx):
            told = {each.external_id: each.told for each in arrived}
            return crossref.unchanged(tx, self._link_id, self._stream, told)
