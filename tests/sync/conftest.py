"""A dealer's system over HTTP, a link to it, and runs worked on as a worker would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.wrappers import Request, Response

from connectors.errors import NotNow
from gateway.channels import Caller
from gateway.customers import service as customers
from gateway.db import Query, transaction
from gateway.sync import jobs, service
from gateway.sync.models import SyncLink, SyncRun
from gateway.sync.traffic.gate import PartnerGate
from tests.conftest import Cast
from tests.connectors.fake_partner import API_KEY, FakePartner, serve

SYSTEM = Caller.system("test")


class Moody:
    """A dealer's system with moods: `before` may answer in its place, `after` may spoil what it answered."""

    def __init__(self, system: FakePartner) -> None:
        self.system = system
        self.before: Callable[[Request], Response | None] = lambda request: None
        self.after: Callable[[Request, Response], Response] = lambda request, response: response

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        answer = self.before(request)
        if answer is None:
            environ["wsgi.input"] = BytesIO(body)
            answer = self.after(request, Response.from_app(self.system, environ))
        return answer(environ, start_response)


class Dealer:
    """Eskişehir's own system, and the link to it."""

    def __init__(self, moody: Moody, link_id: UUID) -> None:
        self.moody = moody
        self.system = moody.system
        self.link_id = link_id

    def add_customer(self, given_name: str = "Şule", **fields: Any) -> str:
        """A customer at the dealer; its external id."""
        record = {"kind": "person", "given_name": given_name, "family_name": "Yıldız", **fields}
        return self.system.add("customers", [record])[0]

    def add_interaction(self, customer: str, **fields: Any) -> str:
        """An interaction at the dealer; its external id."""
        record = {"customer_external_id": customer, "channel": "store", "kind": "inquiry", "direction": "in"}
        return self.system.add("interactions", [{**record, "subject": "Sedan soruyor", **fields}])[0]

    def ask(self, mode: str = "normal", **options: Any) -> UUID:
        """A run, asked for and not begun."""
        with transaction(SYSTEM) as tx:
            return service.start_run(tx, self.link_id, mode, options).id

    def sync(self, mode: str = "normal", **options: Any) -> SyncRun:
        """One run, worked on to its end or to its next wait."""
        run_id = self.ask(mode, **options)
        jobs.run(str(run_id))
        return run_of(run_id)

    def link(self) -> SyncLink:
        """The link as it stands."""
        with transaction(SYSTEM) as tx:
            return service.get_link(tx, self.link_id)

    def record(self, stream: str, external_id: str) -> UUID | None:
        """Our record of the dealer's."""
        with transaction(SYSTEM) as tx:
            return service.record_known_as(tx, self.link_id, stream, external_id)

    def writes(self) -> list[str]:
        """Every request that was meant to change something, in order."""
        return [f"{each.method} {each.path}" for each in self.system.requests if each.method != "GET"]


def run_of(run_id: UUID) -> SyncRun:
    """The run as it stands."""
    with transaction(SYSTEM) as tx:
        return service.get_run(tx, run_id)


def rows(sql: str, **params: Any) -> list[Any]:
    """What the database holds."""
    with transaction(SYSTEM) as tx:
        return tx.rows(Query(text(sql)), **params)


def add_link(url: str, partner_id: UUID, **more: Any) -> UUID:
    """A link to a JSON API in our own shape."""
    settings = {"base_url": url, "api_key": API_KEY, "incremental": {"overlap_seconds": 0}}
    with transaction(SYSTEM) as tx:
        wish = {"name": "Eskişehir Oto DMS", "connector": "rest", "settings": settings, **more}
        return service.add_link(tx, partner_id=partner_id, **wish).id


@pytest.fixture
def dealer(cast: Cast) -> Iterator[Dealer]:
    """Eskişehir's system, empty, and a link to it; nothing is shared with Eskişehir yet."""
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
    moody = Moody(FakePartner())
    with serve(moody) as url:
        assert cast.eskisehir.partner_id is not None
        yield Dealer(moody, add_link(url, cast.eskisehir.partner_id))


@pytest.fixture
def three_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """No job may ask the partner more than three times."""
    asked: Counter[PartnerGate] = Counter()
    enter = PartnerGate.enter

    def limited(gate: PartnerGate) -> None:
        if asked[gate] == 3:
            raise NotNow("The budget is spent.", retry_after=1.0)
        asked[gate] += 1
        enter(gate)

    monkeypatch.setattr(PartnerGate, "enter", limited)


def make_due(run_id: UUID) -> None:
    """Let a run's wait be over."""
    with transaction(SYSTEM) as tx:
        tx.run(Query(text("UPDATE sync_runs SET due_at = now() WHERE id = :id")), id=run_id)
        tx.run(Query(text("UPDATE sync_operations SET due_at = now()")))
        tx.run(Query(text("UPDATE sync_traffic SET quiet_until = NULL, probe_until = NULL")))
        tx.run(Query(text("UPDATE sync_traffic SET open_until = now() WHERE open_until IS NOT NULL")))
