"""Runs over a dealer's drop folder: files in, files out, and one record for what both sides call by their own names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import guarded_dial
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.sync import service
from gateway.sync.models import SyncRun
from tests.conftest import Cast
from tests.connectors.drop.partner import TOMBSTONE, Exporter, deliver, drops
from tests.sync.conftest import SYSTEM, Dealer, add_link, rows
from tests.sync.test_push import change, share_cem

STREAMS = {name: {"pattern": f"{name}_*.csv", "tombstone": TOMBSTONE} for name in ("customers", "interactions")}
PERSON = {"kind": "person", "given_name": "Şule", "family_name": "Yıldız"}


class DropDealer(Dealer):
    """Eskişehir as a dealer that exchanges files."""

    def __init__(self, exporter: Exporter, link_id: Any) -> None:
        self.exporter = exporter
        self.link_id = link_id

    def files(self) -> list[str]:
        """What lies in its folder."""
        return sorted(path.name for path in self.exporter.folder.iterdir() if path.is_file())


@pytest.fixture
def dropping(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DropDealer]:
    """Eskişehir with an empty drop folder, and a link to it; nothing is shared with it yet."""
    monkeypatch.setattr(guarded_dial, "_folders", (tmp_path,))
    (tmp_path / "drop").mkdir()
    with transaction(SYSTEM) as tx:
        customers.unshare(tx, cast.cem_id, "eskisehir")
    settings = {
        "place": "folder", "folder": str(tmp_path / "drop"), "settle_seconds": 0, "streams": STREAMS,
        "archive": "ack", "page_size": 2,
    }  # fmt: skip
    assert cast.eskisehir.partner_id is not None
    link_id = add_link("", cast.eskisehir.partner_id, connector="csv_drop", settings=settings)
    yield DropDealer(Exporter(tmp_path / "drop"), link_id)


def counts(run: SyncRun) -> dict[str, int]:
    """What a successful run did with customers."""
    assert (run.status, run.error) == ("succeeded", None)
    return dict(run.streams["customers"])


def test_dropped_files_reach_the_hub_once(dropping: DropDealer) -> None:
    ids = dropping.exporter.add("customers", [{**PERSON, "given_name": name} for name in ("Ali", "Ece", "İnci")])
    first, second = (counts(dropping.sync()) for _ in range(2))
    assert (first["created"], second["read"]) == (3, 0)
    assert all(dropping.record("customers", external_id) for external_id in ids)


def test_tombstone_in_a_file_ends_the_record_there(dropping: DropDealer) -> None:
    [external_id] = dropping.exporter.add("customers", [PERSON])
    dropping.sync()
    dropping.exporter.remove("customers", external_id)
    assert (counts(dropping.sync())["deleted"], dropping.record("customers", external_id)) == (1, None)


def test_file_delivered_twice_changes_nothing(dropping: DropDealer) -> None:
    dropping.exporter.add("customers", [PERSON])
    dropping.sync()
    folder = dropping.exporter.folder
    deliver(folder / "customers_000009.csv", (folder / "customers_000001.csv").read_bytes())
    after = counts(dropping.sync())
    assert (after["read"], after["created"], after["changed"]) == (0, 0, 0)


def test_row_that_cannot_be_read_is_kept_with_its_reason_and_the_others_go_on(dropping: DropDealer) -> None:
    content = "external_id,kind,given_name\nC-1,person,Ali\nC-2,person\nC-3,person,Ece\n"
    deliver(dropping.exporter.folder / "customers_1.csv", content.encode())
    done = counts(dropping.sync())
    [(reasons,)] = rows("SELECT reasons FROM sync_rejected")
    assert (done["created"], done["rejected"]) == (2, 1)
    assert reasons == [
        {
            "pointer": "",
            "code": "unreadable",
            "message": "Line 3 of customers_1.csv has 2 cells where the header has 3.",
        }
    ]


def test_file_is_acknowledged_by_the_run_that_took_it(dropping: DropDealer) -> None:
    dropping.exporter.add("customers", [PERSON])
    before = dropping.files()
    dropping.sync()
    assert [*before, "customers_000001.csv.ack"] == dropping.files()


def test_customer_that_the_dealer_names_later_is_the_same_one(dropping: DropDealer, cast: Cast) -> None:
    share_cem(cast)
    assert counts(dropping.sync())["pushed"] == 1
    [made] = dropping.exporter.take_drops()
    known = rows("SELECT count(*) FROM customers")
    done = counts(dropping.sync())
    assert (done["created"], dropping.record("customers", made)) == (0, cast.cem_id)
    assert (rows("SELECT count(*) FROM customers"), rows("SELECT state FROM sync_operations")) == (known, [])


def test_unnamed_customer_is_not_dropped_again(dropping: DropDealer, cast: Cast) -> None:
    share_cem(cast)
    runs = [counts(dropping.sync())["pushed"] for _ in range(3)]
    assert (runs, len([*drops(dropping.exporter.folder)])) == ([1, 0, 0], 1)


def test_change_before_the_dealer_named_the_customer_is_dropped_under_our_reference(
    dropping: DropDealer, cast: Cast
) -> None:
    share_cem(cast)
    dropping.sync()
    change(cast, cast.cem_id, family_name="Çelik")
    dropping.sync()
    assert len(dropping.exporter.take_drops()) == 1, "one customer there"
    dropping.sync()
    [row] = rows("SELECT family_name FROM customers WHERE id = :id", id=cast.cem_id)
    assert (row[0], dropping.exporter.take_drops()) == ("Çelik", [])


def test_named_customer_is_changed_by_the_dealers_own_id(dropping: DropDealer, cast: Cast) -> None:
    share_cem(cast)
    dropping.sync()
    [made] = dropping.exporter.take_drops()
    dropping.sync()
    change(cast, cast.cem_id, family_name="Çelik")
    dropping.sync()
    [row] = drops(dropping.exporter.folder)
    assert (row["op"], row["external_id"], row["changed"], row["family_name"]) == (
        "update", made, "family_name", "Çelik",
    )  # fmt: skip


def test_what_went_there_and_back_settles(dropping: DropDealer, cast: Cast) -> None:
    share_cem(cast)
    for _ in range(4):
        dropping.sync()
        dropping.exporter.take_drops()
    before = rows("SELECT id, version, updated_at FROM customers")
    last = counts(dropping.sync())
    assert (last["changed"], last["pushed"], rows("SELECT id, version, updated_at FROM customers")) == (0, 0, before)


@pytest.fixture
def snapshots(dropping: DropDealer) -> DropDealer:
    """The same dealer, which lists all its living customers in every file."""
    form = {"pattern": "customers_*.csv", "snapshot": True}
    with transaction(SYSTEM) as tx:
        link = service.get_link(tx, dropping.link_id)
        service.change_settings(tx, link, {**link.settings, "streams": {"customers": form}})
    return dropping


def list_people(dealer: DropDealer, name: str, *rows: str) -> None:
    """A snapshot with these rows."""
    deliver(dealer.exporter.folder / name, "\n".join(["external_id,kind,given_name", *rows, ""]).encode())


def test_who_is_missing_from_the_newest_snapshot_is_found_by_a_full_run(snapshots: DropDealer) -> None:
    list_people(snapshots, "customers_1.csv", "C-1,person,Ali", "C-2,person,Ece")
    snapshots.sync()
    list_people(snapshots, "customers_2.csv", "C-2,person,Ece")
    assert counts(snapshots.sync("full"))["deleted"] == 1
    assert (snapshots.record("customers", "C-1"), bool(snapshots.record("customers", "C-2"))) == (None, True)


def test_row_that_cannot_be_read_is_not_missing(snapshots: DropDealer) -> None:
    list_people(snapshots, "customers_1.csv", "C-1,person,Ali", "C-2,person,Ece")
    snapshots.sync()
    list_people(snapshots, "customers_2.csv", "C-1,person", "C-2,person,Ece")
    run = counts(snapshots.sync("full"))
    assert (run["rejected"], run["deleted"], bool(snapshots.record("customers", "C-1"))) == (1, 0, True)


def test_nobody_is_missing_while_a_row_tells_nobody_whose_it_is(snapshots: DropDealer) -> None:
    list_people(snapshots, "customers_1.csv", "C-1,person,Ali", "C-2,person,Ece")
    snapshots.sync()
    list_people(snapshots, "customers_2.csv", 'C-1,person,"Ali"x', "C-2,person,Ece")
    run = snapshots.sync("full")
    assert (run.status, "without an external id" in str(run.error)) == ("failed", True)
    assert snapshots.record("customers", "C-1")
