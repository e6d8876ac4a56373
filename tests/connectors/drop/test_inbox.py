"""Which files are read, when, how often, and what becomes of them."""

from __future__ import annotations

import hashlib
import json
import os
import resource
from pathlib import Path
from typing import Any

import pytest

from connectors.base import ConnectorError, Record
from connectors.csv_drop import CsvDrop
from connectors.wire import drop_inbox
from tests.connectors.drop.partner import deliver, drop, pages, records

HEAD = b"external_id,kind,given_name\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def put(folder: Path, name: str, *given_names: str, age: int = 0) -> bytes:
    """A file of people C-1, C-2, …, delivered so many seconds ago."""
    rows = "".join(f"C-{number},person,{name}\n" for number, name in enumerate(given_names, 1))
    deliver(folder / name, HEAD + rows.encode())
    os.utime(folder / name, (1_800_000_000 - age, 1_800_000_000 - age))
    return HEAD + rows.encode()


def names(found: list[Record]) -> list[Any]:
    return [record["given_name"] for record in found]


def archived(folder: Path) -> list[str]:
    """What was put away."""
    return sorted(path.name for path in (folder / "done").iterdir())


def end(connector: CsvDrop, cursor: str | None = None) -> str:
    """The cursor behind a round."""
    return pages(connector, cursor)[-1].cursor


@pytest.mark.parametrize("name", ["customers_1.csv.part", "customers_1.tmp", ".customers_1.csv", "other.csv"])
def test_file_under_another_name_is_left_alone(folder: Path, name: str) -> None:
    put(folder, name, "Işıl")
    assert records(drop(folder, customers={})) == []


@pytest.mark.parametrize(("order", "wanted"), [("mtime", ["Can", "Ali"]), ("name", ["Ali", "Can"])])
def test_files_are_read_in_their_order(folder: Path, order: str, wanted: list[str]) -> None:
    put(folder, "customers_1.csv", "Ali", age=0)
    put(folder, "customers_2.csv", "Can", age=60)
    assert names(records(drop(folder, customers={}, order=order))) == wanted


def test_file_that_still_grows_waits_and_so_do_those_behind_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "customers_1.csv", "Ali", age=60)
    put(folder, "customers_2.csv", "Can")
    monkeypatch.setattr(drop_inbox.time, "sleep", lambda _: put(folder, "customers_1.csv", "Ali", "Ece", age=60))
    connector = drop(folder, customers={}, settle_seconds=1)
    first = pages(connector)
    monkeypatch.setattr(drop_inbox.time, "sleep", lambda _: None)
    assert [page.records for page in first] == [()]
    assert names(records(connector, first[-1].cursor)) == ["Ali", "Ece", "Can"]


def test_marked_file_is_read_once_its_marker_is_there(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali", age=60)
    put(folder, "customers_2.csv", "Can")
    (folder / "customers_2.csv.done").touch()
    connector = drop(folder, customers={}, ready="marker")
    first = pages(connector)
    (folder / "customers_1.csv.done").touch()
    assert (names(list(first[0].records)), names(records(connector, first[-1].cursor))) == (["Can"], ["Ali"])


def test_checksum_that_does_not_fit_brings_nothing(folder: Path) -> None:
    content = put(folder, "customers_1.csv", "Ali")
    connector = drop(folder, customers={}, ready="checksum")
    (folder / "customers_1.csv.sha256").write_text("0" * 64)
    with pytest.raises(ConnectorError, match="SHA-256") as caught:
        pages(connector)
    (folder / "customers_1.csv.sha256").write_text(hashlib.sha256(content).hexdigest() + "  customers_1.csv\n")
    assert (caught.value.permanent, names(records(connector))) == (False, ["Ali"])


def test_finished_file_is_not_read_again(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali")
    connector = drop(folder, customers={})
    assert records(connector, end(connector)) == []


@pytest.mark.parametrize("again", ["customers_1.csv", "customers_9.csv"])
def test_same_content_delivered_again_has_no_second_effect(folder: Path, again: str) -> None:
    connector = drop(folder, customers={})
    put(folder, "customers_1.csv", "Ali", age=60)
    put(folder, "customers_2.csv", "Yeni Ad", age=50)
    cursor = end(connector)
    put(folder, again, "Ali", age=10)
    assert records(connector, cursor) == []


def test_same_content_is_read_again_where_the_settings_say_so(folder: Path) -> None:
    connector = drop(folder, customers={}, repeats="take")
    put(folder, "customers_1.csv", "Ali", age=60)
    cursor = end(connector)
    put(folder, "customers_2.csv", "Ali", age=10)
    assert names(records(connector, cursor)) == ["Ali"]


def test_same_name_with_other_content_is_read(folder: Path) -> None:
    connector = drop(folder, customers={})
    put(folder, "customers_1.csv", "Ali", age=60)
    cursor = end(connector)
    put(folder, "customers_1.csv", "Veli", age=10)
    assert names(records(connector, cursor)) == ["Veli"]


def test_file_replaced_in_mid_reading_is_read_from_its_beginning(folder: Path) -> None:
    connector = drop(folder, customers={}, page_size=2)
    put(folder, "customers_1.csv", "Ali", "Can", "Ece", age=60)
    cursor = pages(connector)[0].cursor
    put(folder, "customers_1.csv", "Ayşe", "Banu", "Cem", age=10)
    assert names(records(connector, cursor)) == ["Ayşe", "Banu", "Cem"]


def test_file_that_went_away_half_read_is_told_once_and_left_behind(folder: Path) -> None:
    connector = drop(folder, customers={}, page_size=1)
    put(folder, "customers_1.csv", "Ali", "Can")
    cursor = pages(connector)[0].cursor
    (folder / "customers_1.csv").unlink()
    round_ = connector.pull("customers", cursor)
    after = next(iter(round_)).cursor
    with pytest.raises(ConnectorError, match="1 of its rows") as caught:
        list(round_)
    assert (caught.value.permanent, records(connector, after)) == (True, [])


def test_late_file_is_read_though_later_ones_were_finished(folder: Path) -> None:
    connector = drop(folder, customers={})
    for number in range(30):
        put(folder, f"customers_{number:03}.csv", f"Ad {number}", age=100 - number)
    cursor = end(connector)
    put(folder, "customers_late.csv", "Geç", age=5000)
    assert names(records(connector, cursor)) == ["Geç"]


def test_cursor_stays_small_however_many_files_there_were(folder: Path) -> None:
    for number in range(400):
        put(folder, f"customers_{number:03}.csv", f"Ad {number}", age=1000 - number)
    connector = drop(folder, customers={})
    cursor = end(connector)
    assert (len(cursor) < 10_000, records(connector, cursor)) == (True, [])


# Snapshots


def test_newest_snapshot_alone_is_the_listing(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali", "Can", "Ece", age=60)
    put(folder, "customers_2.csv", "Ali", "Can")
    connector = drop(folder, customers={"snapshot": True})
    assert (names(records(connector)), "full_listing" in connector.can) == (["Ali", "Can"], True)


def test_without_any_snapshot_nothing_is_listed_rather_than_nobody(folder: Path) -> None:
    with pytest.raises(ConnectorError, match="No whole file") as caught:
        pages(drop(folder, customers={"snapshot": True}))
    assert not caught.value.permanent


def test_snapshot_without_even_a_header_is_no_listing_of_nobody(folder: Path) -> None:
    deliver(folder / "customers_1.csv", b"")
    with pytest.raises(ConnectorError, match="is empty"):
        pages(drop(folder, customers={"snapshot": True}))


def test_snapshot_put_away_is_still_the_listing(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali", "Can")
    connector = drop(folder, customers={"snapshot": True}, archive="move")
    end(connector, end(connector))
    assert (archived(folder), names(records(connector))) == (["customers_1.csv"], ["Ali", "Can"])


# Acknowledgements


def test_file_is_acknowledged_only_after_its_last_page_was_committed(folder: Path) -> None:
    content = put(folder, "customers_1.csv", "Ali", "Can", "Ece")
    connector = drop(folder, customers={}, archive="ack", page_size=2)
    first, last = pages(connector)
    pages(connector, first.cursor)
    assert not (folder / "customers_1.csv.ack").exists()
    pages(connector, last.cursor)
    told = json.loads((folder / "customers_1.csv.ack").read_text())
    assert (told["rows"], told["sha"], told["how"]) == (3, hashlib.sha256(content).hexdigest(), "read")


def test_reading_alone_acknowledges_nothing(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali")
    connector = drop(folder, customers={}, archive="ack")
    assert list(connector.pull("customers", end(connector))) and not (folder / "customers_1.csv.ack").exists()


def test_acknowledgement_can_be_repeated(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali")
    connector = drop(folder, customers={}, archive="ack", ack_folder="acks")
    cursor = end(connector)
    end(connector, cursor)
    once = (folder / "acks" / "customers_1.csv.ack").read_bytes()
    assert records(connector, end(connector, cursor)) == []
    assert (folder / "acks" / "customers_1.csv.ack").read_bytes() == once


def test_file_put_away_is_not_read_again_even_after_a_crash(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali")
    connector = drop(folder, customers={}, archive="move")
    cursor = end(connector)
    end(connector, cursor)
    assert (records(connector, cursor), archived(folder)) == ([], ["customers_1.csv"])


def test_new_file_under_the_name_of_a_finished_one_is_not_put_away_unread(folder: Path) -> None:
    put(folder, "customers_1.csv", "Ali", age=60)
    connector = drop(folder, customers={}, archive="move")
    cursor = end(connector)
    put(folder, "customers_1.csv", "Veli")
    assert names(records(connector, cursor)) == ["Veli"]


def test_second_file_of_a_name_is_put_away_beside_the_first(folder: Path) -> None:
    connector = drop(folder, customers={}, archive="move")
    put(folder, "customers_1.csv", "Ali", age=60)
    cursor = end(connector, end(connector))
    put(folder, "customers_1.csv", "Veli")
    cursor = end(connector, end(connector, cursor))
    assert (len(archived(folder)), records(connector, cursor)) == (2, [])


# Size


def test_file_larger_than_allowed_needs_a_person(folder: Path) -> None:
    deliver(folder / "customers_1.csv", HEAD + b"x" * (1 << 20))
    with pytest.raises(ConnectorError, match="max_megabytes") as caught:
        pages(drop(folder, customers={}, max_megabytes=1))
    assert caught.value.permanent


def test_large_file_is_read_in_bounded_memory(folder: Path) -> None:
    row = b",person," + b"x" * 990 + b"\n"
    with (folder / "customers_1.csv").open("wb") as file:
        file.write(HEAD)
        file.writelines(b"C-%d%b" % (number, row) for number in range(200_000))
    before = resident()
    count = most = 0
    for page in drop(folder, customers={}).pull("customers", None):
        count, most = count + len(page.records), max(most, resident())
    assert (count, most - before < 32 << 20) == (200_000, True)


def resident() -> int:
    """Bytes of this process in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
