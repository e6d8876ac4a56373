"""What a dealer's database promises under many hands and across restarts."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.records import Record
from demo.store import Query, ReferenceTaken, Store, StoreInUse

PERSON: Record = {"kind": "person", "given_name": "Gülşah", "family_name": "Ağaç"}


def test_times_only_grow_under_many_writers(small_store: Store) -> None:
    def write(number: int) -> str:
        changed = small_store.change("customers", f"ESK-{1 + number % 5:06d}", lambda item: item)
        return str(changed["updated_at"])

    with ThreadPoolExecutor(8) as pool:
        times = list(pool.map(write, range(200)))
    assert len(set(times)) == 200


def test_one_reference_makes_one_record_when_eight_race(store: Store) -> None:
    def create(_: int) -> bool:
        try:
            store.create("customers", PERSON | {"reference": "kopru-7"})
        except ReferenceTaken:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(8))) == 1


def test_failed_write_leaves_nothing(small_store: Store) -> None:
    def fail(item: Record) -> Record:
        raise ValueError(item["external_id"])

    before = small_store.get("customers", "ESK-000001")
    with pytest.raises(ValueError, match="ESK-000001"):
        small_store.change("customers", "ESK-000001", fail)
    assert small_store.get("customers", "ESK-000001") == before


def test_restart_keeps_records_and_never_gives_an_id_twice(tmp_path: Path) -> None:
    first = Store(tmp_path / "izmir.sqlite", "IZM")
    kept = first.create("customers", PERSON)
    first.delete("customers", first.create("customers", PERSON)["external_id"])
    first.close()
    second = Store(tmp_path / "izmir.sqlite", "IZM")
    assert second.get("customers", "IZM-000001") == kept
    assert second.create("customers", PERSON)["external_id"] == "IZM-000003"
    second.close()


def test_second_process_cannot_take_the_file(store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreInUse):
        Store(tmp_path / "dealer.sqlite", "ESK")


def test_half_filled_store_is_empty_again(store: Store, customers: dict[str, list[Record]]) -> None:
    with pytest.raises(KeyError):
        store.fill(customers["eskisehir"][:10], [{"external_id": "ESK-I000001"}])
    assert store.is_empty
    assert store.page("customers", Query()) == ([], None)
