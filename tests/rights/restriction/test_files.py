"""A file that a partner had written before a restriction and that may tell of the customer is closed while it lasts."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.channels import Caller
from gateway.customers.reads import filing
from gateway.transfers.exporting import work
from tests.conftest import Api, Cast
from tests.rights.restriction.test_hiding import lift, restrict
from tests.transfers.exporting.test_export import export


def status_of(api: Api, path: str) -> tuple[bool, int]:
    """Whether a file is shown, and what fetching it answers."""
    return api.get(path).get_json()["file"] is not None, api.get(f"{path}/file").status_code


@pytest.mark.parametrize("is_filed", [True, False])
def test_partner_fetches_no_file_of_a_restricted_customer_until_it_is_lifted(cast: Cast, is_filed: bool) -> None:
    path = export(cast.eskisehir)
    if is_filed:
        filing.file_all(Caller.system("test"))
    before = status_of(cast.eskisehir, path)
    restrict(cast)
    meanwhile = status_of(cast.eskisehir, path)
    lift(cast)
    assert (before, meanwhile, status_of(cast.eskisehir, path)) == ((True, 200), (False, 404), (True, 200))


def test_files_that_do_not_tell_of_the_customer_stay_open(cast: Cast) -> None:
    cast.ankara.post("/customers", {"kind": "person", "given_name": "Şule"})
    paths = [(cast.ankara, export(cast.ankara)), (cast.eskisehir, export(cast.eskisehir, filters={"city": "muğla"}))]
    restrict(cast)
    assert [status_of(*each) for each in paths] == [(True, 200)] * 2


def test_the_house_fetches_its_own(cast: Cast) -> None:
    path = export(cast.ayse)
    restrict(cast)
    assert status_of(cast.ayse, path) == (True, 200)


def test_file_that_was_being_written_is_closed_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    written = work._written

    def late(*given: Any) -> Any:
        restrict(cast)  # the page with the customer has been read, and is not stored yet
        return written(*given)

    monkeypatch.setattr(work, "_written", late)
    assert status_of(cast.eskisehir, export(cast.eskisehir)) == (False, 404)


def test_file_that_tells_of_the_customer_under_a_former_id_is_closed(cast: Cast) -> None:
    twin = cast.ankara.post("/customers", {"kind": "person", "given_name": "Cem"}).get_json()["id"]
    path = export(cast.ankara)
    assert cast.ayse.post("/identity/merges", {"keep_id": str(cast.cem_id), "lose_id": twin}).status_code == 201
    restrict(cast)
    assert status_of(cast.ankara, path) == (False, 404)
