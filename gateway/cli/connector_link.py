"""How a real partner behaves: asked a little through its link, reading only, and nothing of it is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from marshmallow import ValidationError

from connectors.base import Connector, ConnectorError, Page
from connectors.http import Exchange, OpenGate
from gateway import guarded_dial
from gateway.cli.output import busy
from gateway.cli.place import opened, operator
from gateway.cli.sync_naming import link_of
from gateway.db import transaction
from gateway.guarded_adapter import guarded_http
from gateway.sync.calls import ask
from gateway.sync.calls import guarded as calling
from gateway.sync.sealing import connect
from gateway.sync.sealing import opened as unsealed
from gateway.sync.streams import STREAMS
from gateway.validation import flatten, messages_of

Line = dict[str, Any]
_SHOWN = 5


class Counting(OpenGate):
    """Remembers what was asked."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def leave(self, exchange: Exchange) -> None:
        """Keep it."""
        self.exchanges.append(exchange)


def examine(link: str) -> list[Line]:
    """Look at the partner of a link (its name or id): check(), one page of each stream, its records' shape."""
    with opened() as settings, transaction(operator("connector test")) as tx:
        guarded_dial.open_folders(settings.drop_folders)
        found = link_of(tx, link)
        name, secret = found.connector, unsealed(found)
    gate = Counting()
    http = guarded_http(gate)
    with busy(f"Asking {link} …"):
        try:
            return list(_lines(ask(lambda: connect(name, secret, http)), gate))
        except ConnectorError as error:
            return [_line("the connector can be made", error.message)]
        finally:
            http.close()


def _lines(connector: Connector, gate: Counting) -> Iterator[Line]:
    yield _tried("the partner answers and lets us in", connector.check)
    for stream in connector.streams:
        yield from _first_page(connector, stream)
    told = Counter(f"{each.method} {each.status or each.error}" for each in gate.exchanges)
    slowest = max((each.seconds for each in gate.exchanges), default=0.0)
    asked = ", ".join(f"{count} × {what}" for what, count in told.items()) or "no request over HTTP"
    yield {**_line("what was asked, and how long the slowest took"), "why": f"{asked}; {slowest:.2f} s"}


def _tried(claim: str, question: Callable[[], object]) -> Line:
    try:
        ask(question)
    except ConnectorError as error:
        return _line(claim, error.message)
    return _line(claim)


def _first_page(connector: Connector, stream: str) -> Iterator[Line]:
    claim = f"{stream}: the first page comes"
    try:
        page: Page | None = next(iter(islice(calling(lambda: connector.pull(stream, None)), 1)), None)
    except ConnectorError as error:
        yield _line(claim, error.message)
        return
    if page is None:
        yield _line(claim, "The round ended without a page.")
        return
    total = "" if page.total is None else f" of {page.total}"
    yield {**_line(claim), "why": f"{len(page.records)} records{total}, {len(page.deleted)} deletions"}
    yield _shapes(stream, page)


def _shapes(stream: str, page: Page) -> Line:
    wrong = Counter(reason for record in page.records for reason in _reasons(stream, record))
    shown = "; ".join(f"{count} × {reason}" for reason, count in wrong.most_common(_SHOWN))
    return _line(f"{stream}: every record of it has our shape", shown or None)


def _reasons(stream: str, record: Any) -> Iterator[str]:
    try:
        STREAMS[stream].schema.load(record)
    except ValidationError as invalid:
        for each in flatten(messages_of(invalid)):
            yield f"{each.get('pointer', '')}: {each['message']}"


def _line(claim: str, problem: str | None = None) -> Line:
    return {"claim": claim, "result": "failed" if problem else "held", "times": 1, "why": problem}
