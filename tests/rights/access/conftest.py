"""A request for access, asked, begun and worked on."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from zipfile import ZipFile

import pytest

from gateway.longrunning.jobs import go_on
from tests.conftest import Cast

Ask = Callable[[], str]


@pytest.fixture
def answered(cast: Cast, in_environment: object) -> Ask:
    """Has Cem ask and be answered; answers the id of the case."""

    def ask() -> str:
        case_id = str(cast.cem.post("/rights-requests", {"kind": "access"}).get_json()["id"])
        begun = cast.ayse.post(f"/rights-requests/{case_id}/start")
        assert begun.status_code == 200, begun.text
        go_on(begun.get_json()["operation_id"])
        return case_id

    return ask


def archive_of(cast: Cast, case_id: str) -> ZipFile:
    """The archive as Cem fetches it."""
    answer = cast.cem.get(f"/rights-requests/{case_id}/archive")
    assert answer.status_code == 200, answer.text
    return ZipFile(BytesIO(answer.data))
