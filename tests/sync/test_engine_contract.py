"""What Köprü promises with every kind of connector: nothing lost, nothing doubled, and an end to every echo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import jobs, service
from gateway.sync.models import SyncRun
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM, make_due, rows, run_of
from tests.sync.partners import PARTNERS, Counterpart
from tests.sync.world import Killed, killed

MANY = 7
ROUNDS = 4
_PEERS = {"tryton"}
_ALL = [pytest.param(name, marks=pytest.mark.peer if name in _PEERS else ()) for name in PARTNERS]
_WRITTEN = "SELECT xmin::text, id, version FROM customers ORDER BY id"
_NAMES = "SELECT organisation_name FROM customers WHERE organisation_name IS NOT NULL ORDER BY 1"


class Stage:
    """The hub and one partner, with a link between them."""

    def __init__(self, cast: Cast, counterpart: Counterpart, link_id: UUID) -> None:
        self.cast = cast
        self.there = counterpart
        self.system = counterpart.system
        self.link_id = link_id

    def fill(self) -> list[str]:
        """Customers at the partner; their external ids."""
        return self.system.add("customers", [_firm(f"Işık Oto {number}") for number in range(MANY)])

    def create_here(self, name: str, *, shared: bool = True) -> UUID:
        """A customer of the hub."""
        with transaction(SYSTEM) as tx:
            record_id: UUID = customers.create(tx, _firm(name))["id"]
            if shared:
                customers.share(tx, record_id, "eskisehir", "sale")
        return record_id

    def change_here(self, record_id: UUID | None, name: str) -> None:
        """Ayşe renames a customer."""
        version = self.cast.ayse.get(f"/customers/{record_id}").get_json()["version"]
        answer = self.cast.ayse.patch(f"/customers/{record_id}", {"organisation_name": name}, version)
        assert answer.status_code == 200, answer.text

    def name_here(self, record_id: UUID | None) -> Any:
        """What the hub calls it."""
        return self.cast.ayse.get(f"/customers/{record_id}").get_json()["organisation_name"]

    def record(self, external_id: str) -> UUID | None:
        """Our record of the partner's."""
        with transaction(SYSTEM) as tx:
            return service.record_known_as(tx, self.link_id, "customers", external_id)

    def sync(self) -> SyncRun:
        """One run to its end; then the partner does what it does by itself."""
        with transaction(SYSTEM) as tx:
            run_id = service.start_run(tx, self.link_id).id
        run = self.work_on(run_id)
        self.there.between()
        return run

    def work_on(self, run_id: UUID) -> SyncRun:
        """As workers would, one after the other, until it ends."""
        for _ in range(5):
            jobs.run(str(run_id))
            if run_of(run_id).finished_at is not None:
                break
            make_due(run_id)
        assert run_of(run_id).status == "succeeded", run_of(run_id).error
        return run_of(run_id)


def _firm(name: str) -> dict[str, Any]:
    return {"kind": "organisation", "organisation_name": name}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Counterpart]]:
    """Starts a partner of a kind when it is first wanted."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(PARTNERS[name](tmp_path_factory.mktemp(name))))


@pytest.fixture(params=_ALL)
def stage(request: pytest.FixtureRequest, cast: Cast, running: Callable[[str], Counterpart]) -> Stage:
    """The hub and an empty partner; nothing is shared with it yet."""
    counterpart = running(request.param)
    counterpart.clear()
    assert cast.eskisehir.partner_id is not None
    wish = {"name": "Eskişehir", "connector": counterpart.connector, "settings": counterpart.settings}
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
        link_id = service.add_link(tx, partner_id=cast.eskisehir.partner_id, **wish).id
    return Stage(cast, counterpart, link_id)


def test_everything_arrives_once_and_a_second_look_changes_nothing(stage: Stage) -> None:
    stage.fill()
    assert stage.sync().streams["customers"]["created"] == MANY
    before = rows(_WRITTEN), rows("SELECT count(*) FROM events"), stage.there.state()
    rows("DELETE FROM sync_cursors RETURNING 1")
    counts = stage.sync().streams["customers"]
    assert (counts["created"], counts["changed"], counts["pushed"]) == (0, 0, 0)
    assert (rows(_WRITTEN), rows("SELECT count(*) FROM events"), stage.there.state()) == before


@pytest.mark.parametrize("midway", [True, False])
@pytest.mark.parametrize("place", range(5))
def test_worker_killed_at_any_page_loses_and_doubles_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, place: int, midway: bool
) -> None:
    stage.fill()
    stage.create_here("Merkez Oto")
    with transaction(SYSTEM) as tx:
        run_id = service.start_run(tx, stage.link_id).id
    with pytest.raises(Killed), killed(place, midway=midway):
        jobs.run(str(run_id))
    rows("UPDATE sync_runs SET leased_until = now() - interval '1 second' RETURNING 1")
    stage.work_on(run_id)
    stage.there.between()
    stage.sync()
    names = sorted([*(f"Işık Oto {number}" for number in range(MANY)), "Merkez Oto"])
    assert ([name for (name,) in rows(_NAMES)], len(stage.system.ids("customers"))) == (names, MANY + 1)


def test_what_was_pushed_comes_back_as_nothing_new_in_every_later_round(stage: Stage) -> None:
    stage.create_here("Merkez Oto")
    assert stage.sync().streams["customers"]["pushed"] == 1
    stage.sync()
    before = rows(_WRITTEN), stage.there.state()
    counts = [stage.sync().streams["customers"] for _ in range(ROUNDS)]
    assert [(each["changed"], each["created"], each["pushed"]) for each in counts] == [(0, 0, 0)] * ROUNDS
    assert (rows(_WRITTEN), stage.there.state()) == before


def test_changes_here_and_there_meet_and_rest(stage: Stage) -> None:
    first, second, *_ = stage.fill()
    stage.sync()
    stage.change_here(stage.record(first), "Buradan")
    stage.system.change("customers", second, _firm("Oradan"))
    for _ in range(3):
        stage.sync()
    before = rows(_WRITTEN), stage.there.state()
    counts = stage.sync().streams["customers"]
    assert (stage.name_here(stage.record(first)), stage.name_here(stage.record(second))) == ("Buradan", "Oradan")
    assert (counts["changed"], counts["pushed"], rows(_WRITTEN), stage.there.state()) == (0, 0, *before)


def test_same_field_changed_on_both_sides_is_counted_and_comes_to_rest(stage: Stage) -> None:
    first, *_ = stage.fill()
    stage.sync()
    stage.change_here(stage.record(first), "Bizim")
    stage.system.change("customers", first, _firm("Onların"))
    assert stage.sync().streams["customers"]["conflicts"] == 1
    for _ in range(2):
        stage.sync()
    before = rows(_WRITTEN), stage.there.state()
    stage.sync()
    assert (rows(_WRITTEN), stage.there.state()) == before


def test_deletion_there_ends_the_share_and_a_return_renews_it(stage: Stage) -> None:
    first, *_ = stage.fill()
    stage.sync()
    record = stage.record(first)
    stage.system.remove("customers", first)
    assert stage.sync().streams["customers"]["deleted"] == 1
    assert stage.cast.eskisehir.get(f"/customers/{record}").status_code == 404
    if hasattr(stage.system, "restore"):
        stage.system.restore("customers", first, _firm("Geri Döndü"))
        stage.sync()
        assert stage.cast.eskisehir.get(f"/customers/{record}").get_json()["organisation_name"] == "Geri Döndü"


def test_poisoned_record_stays_outside_until_it_is_mended_and_the_others_arrive(stage: Stage) -> None:
    [_, bad] = stage.system.add("customers", [_firm("İyi"), _firm("K" * 300)])
    counts = stage.sync().streams["customers"]
    assert (counts["created"], counts["rejected"], stage.record(bad)) == (1, 1, None)
    assert rows("SELECT reasons -> 0 ->> 'pointer' FROM sync_rejected") == [("/organisation_name",)]
    stage.system.change("customers", bad, _firm("Düzeldi"))
    stage.sync()
    assert (stage.name_here(stage.record(bad)), rows("SELECT count(*) FROM sync_rejected")) == ("Düzeldi", [(0,)])


def test_partner_gets_nobody_that_is_not_shared_with_it(stage: Stage) -> None:
    stage.fill()
    stage.create_here("Sır", shared=False)
    for _ in range(2):
        stage.sync()
    assert len(stage.system.ids("customers")) == MANY and "Sır" not in repr(stage.there.state())
