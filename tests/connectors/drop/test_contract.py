"""The csv_drop connector against a dealer that exports files, changes or snapshots, into a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from connectors.base import Record
from connectors.csv_drop import CsvDrop
from connectors.http import Http
from connectors.testing import ConnectorContract
from connectors.wire.faults import FaultyAdapter
from tests.connectors.drop.partner import TOMBSTONE, Exporter

_LATER = "a file is only dropped; the partner names the record when it exports it"
_NAMED_LATER = """
    test_created_record_keeps_our_reference test_written_record_comes_back_as_it_was_sent
    test_writing_back_what_was_read_changes_nothing test_update_changes_the_record
    test_pushed_version_is_good_for_the_next_update test_stale_update_is_refused test_delete_can_be_repeated
    test_bad_change_does_not_stop_the_others test_text_survives_the_way_there_and_back
"""


class DropContract(ConnectorContract):
    speaks_http = False
    excused: ClassVar[dict[str, str]] = dict.fromkeys(_NAMED_LATER.split(), _LATER)
    form: ClassVar[dict[str, Any]] = {"tombstone": TOMBSTONE}
    snapshots = False

    @pytest.fixture
    def partner(self, tmp_path: Path) -> Exporter:
        (tmp_path / "drop").mkdir()
        return Exporter(tmp_path / "drop", self.snapshots)

    def way_out(self, adapter: FaultyAdapter) -> Http:
        return Http(adapter=adapter, folders=[Path("/")])

    def place(self, partner: Exporter) -> dict[str, Any]:
        return {"place": "folder", "folder": str(partner.folder)}

    def connect(self, partner: Exporter, http: Http) -> CsvDrop:
        streams = {self.stream: {"pattern": f"{self.stream}_*.csv", **self.form}}
        settings = {**self.place(partner), "streams": streams, "settle_seconds": 0, "page_size": 3}
        return CsvDrop(CsvDrop.Settings().load(settings), http)


class TestChanges(DropContract):
    pass


class TestSnapshots(DropContract):
    form: ClassVar[dict[str, Any]] = {"snapshot": True}
    snapshots = True


class TestInteractions(DropContract):
    stream = "interactions"
    field = "subject"

    def record(self, number: int) -> Record:
        return {
            "customer_external_id": "C-1",
            "channel": "phone",
            "kind": "inquiry",
            "direction": "in",
            "subject": f"Deneme sürüşü {number}",
        }
