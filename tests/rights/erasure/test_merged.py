"""Merges go on while somebody is erased: all of the person goes, nobody else does, and partners learn of no merge."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway.customers import tombstones
from gateway.db import transaction
from gateway.rights.erasure import work
from tests.conftest import Api
from tests.identity.merging.conftest import ISIL, ISIL_AGAIN, Two
from tests.rights.erasure.conftest import erase, start, work_off
from tests.sync.conftest import SYSTEM, rows

pytestmark = pytest.mark.usefixtures("erasure_log")


def is_marked(record: dict[str, Any]) -> bool:
    with transaction(SYSTEM) as tx:
        return tombstones.erased_among(tx, [tombstones.keys_of(record)]) != [None]


def ids_told(api: Api) -> list[str]:
    [notice] = api.get("/erasures").get_json()["items"]
    return list(notice["customer_ids"])


def work_some(case_id: str, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let so many features forget the person, and let the worker vanish then."""
    whole, left = work._forget, iter(range(steps))

    def dies(*given: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        whole(*given)

    with monkeypatch.context() as dying:
        dying.setattr(work, "_forget", dies)
        with pytest.raises(KeyboardInterrupt):
            work_off(case_id)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE operations SET leased_until = now() - interval '1 s' WHERE status = 'running'")


@pytest.mark.parametrize("steps", [None, 0, 9])
@pytest.mark.parametrize("is_kept", [False, True])
def test_who_becomes_part_of_another_record_meanwhile_is_erased_there(
    two: Two, is_kept: bool, steps: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = start(two.cast, UUID(two.keep_id if is_kept else two.lose_id))
    if steps is not None:
        work_some(case_id, steps, monkeypatch)
    two.merge()
    assert work_off(case_id).status == "succeeded"
    assert rows("SELECT id FROM customers") == [(two.cast.cem_id,)]
    assert rows("SELECT count(*) FROM merges") == [(0,)]
    assert is_marked(ISIL) and is_marked(ISIL_AGAIN)
    assert two.lose_id in ids_told(two.cast.ankara) and two.keep_id in ids_told(two.cast.eskisehir)


def test_who_is_taken_apart_before_the_work_begins_stays(two: Two) -> None:
    merge_id = two.merge()["id"]
    case_id = start(two.cast, UUID(two.keep_id))
    two.undo(merge_id)
    work_off(case_id)
    assert two.shown(two.lose_id)["family_name"] == "Şahin"
    assert (is_marked(ISIL), is_marked(ISIL_AGAIN)) == (True, False)


def test_who_was_taken_for_the_person_once_may_be_written_as_before(two: Two) -> None:
    merge_id = two.merge()["id"]
    two.change(two.keep_id, {"locale": "en"})
    two.undo(merge_id)
    erase(two.cast, UUID(two.keep_id))
    assert (is_marked(ISIL), is_marked(ISIL_AGAIN)) == (True, False)


def test_partner_is_told_of_the_ids_it_knew_and_never_that_there_was_another_record(two: Two) -> None:
    two.merge()
    erase(two.cast, UUID(two.keep_id))
    assert ids_told(two.cast.eskisehir) == [two.keep_id]
    assert sorted(ids_told(two.cast.ankara)) == sorted([two.keep_id, two.lose_id])


def test_partner_whose_share_had_ended_is_told_by_the_id_that_it_knew(two: Two) -> None:
    assert two.cast.ayse.delete(f"/customers/{two.lose_id}/shares/ankara").status_code == 204
    two.merge()
    erase(two.cast, UUID(two.keep_id))
    assert two.lose_id in ids_told(two.cast.ankara)


def test_what_else_the_person_had_asked_for_ends_with_them(two: Two) -> None:
    staff, wish = two.cast.ayse, {"wish": {"fields": {"family_name": "Öğüt"}}}
    asked = {"kind": "rectification", "customer_id": two.keep_id, **wish}
    case_id = staff.post("/rights-requests", asked).get_json()["id"]
    staff.post(f"/rights-requests/{case_id}/start")
    erase(two.cast, UUID(two.keep_id))
    assert staff.get(f"/rights-requests/{case_id}").get_json()["status"] == "refused"
    answer = staff.post(f"/rights-requests/{case_id}/decision", {"accept": ["family_name"], "refuse": {}})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "case_state")
