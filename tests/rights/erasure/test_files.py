"""A file that tells of an erased person goes whole, and one that does not stays."""

from __future__ import annotations

import pytest

from gateway.transfers.exporting import work
from tests.conftest import Cast
from tests.rights.erasure.conftest import erase
from tests.sync.conftest import rows
from tests.transfers.exporting.test_export import export

pytestmark = pytest.mark.usefixtures("erasure_log")


@pytest.mark.parametrize("form", ["xlsx", "csv", "jsonl"])
def test_export_goes_only_where_it_tells_of_the_person(cast: Cast, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "ROWS_AT_ONCE", 1)  # a part for each row
    for given_name in ("Şule", "Gül"):
        assert cast.ankara.post("/customers", {"kind": "person", "given_name": given_name}).status_code == 201
    stays = export(cast.ankara, form)
    export(cast.ayse, form)
    export(cast.eskisehir, form, fields=["given_name", "family_name"])
    erase(cast)
    assert [f"/exports/{export_id}" for (export_id,) in rows("SELECT id::text FROM transfers")] == [stays]
