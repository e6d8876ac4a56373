"""A case of Cem's, started, and its work done as a worker would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from gateway.db import transaction
from gateway.longrunning import work as longrunning
from gateway.longrunning.models import ACTIVE, Operation
from tests.conftest import Cast
from tests.sync.conftest import SYSTEM


def start(cast: Cast, customer_id: UUID | None = None) -> str:
    """Open a case of erasure and start it; its id."""
    asked = {"kind": "erasure", "customer_id": str(customer_id or cast.cem_id)}
    case_id = str(cast.ayse.post("/rights-requests", asked).get_json()["id"])
    begun = cast.ayse.post(f"/rights-requests/{case_id}/start")
    assert begun.status_code == 200, begun.text
    return case_id


def work_off(case_id: str) -> Operation:
    """Do all of its work."""
    while (operation := operation_of(case_id)).status in ACTIVE:
        assert operation.tries == 0, operation.error
        longrunning.work_on(operation.id)
    return operation


def operation_of(case_id: str) -> Operation:
    """The work on a case as it stands."""
    from_case = "SELECT operation_id FROM rights_cases WHERE id = %s"
    with transaction(SYSTEM) as tx:
        row = tx.raw.execute(from_case, [case_id]).fetchone()
        assert row is not None
        return tx.session.get_one(Operation, row[0])


def erase(cast: Cast, customer_id: UUID | None = None) -> str:
    """Erase a customer; the case."""
    case_id = start(cast, customer_id)
    assert work_off(case_id).status == "succeeded"
    return case_id


@pytest.fixture
def erasure_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> Iterator[Path]:
    """A log of erasures for this test alone."""
    place = tmp_path / "erasures.log"
    for name, value in {**environment, "KOPRU_ERASURE_LOG": str(place)}.items():
        monkeypatch.setenv(name, value)
    yield place
