"""Partners that had the person: told once, reminded, heard, and blind to each other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway.channels import Caller
from gateway.db import transaction
from gateway.rights.erasure import jobs, notices
from tests.conftest import Api, Cast
from tests.rights.erasure.conftest import erase, start, work_off
from tests.sync.conftest import SYSTEM, Dealer, rows
from tests.webhooks.conftest import Deliver, Register
from tests.webhooks.receiver import Receiver

pytestmark = pytest.mark.usefixtures("erasure_log")


def told(api: Api) -> list[dict[str, Any]]:
    return list(api.get("/erasures").get_json()["items"])


def test_partner_sees_only_its_own_notices(cast: Cast) -> None:
    erase(cast)
    [notice] = told(cast.eskisehir)
    assert told(cast.ankara) == []
    assert cast.ankara.get(f"/erasures/{notice['id']}").status_code == 404
    assert cast.ankara.post(f"/erasures/{notice['id']}/acknowledgement").status_code == 404


def test_database_alone_hides_the_notices_of_others(cast: Cast) -> None:
    erase(cast)
    for api, count in ((cast.eskisehir, 1), (cast.ankara, 0)):
        with transaction(Caller(api.channel, partner_id=api.partner_id)) as tx:
            assert tx.raw.execute("SELECT count(*) FROM erasure_notices").fetchone() == (count,)


def test_partner_whose_share_had_ended_is_told(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara", "ground": "service"})
    cast.ayse.delete(f"/customers/{cast.cem_id}/shares/ankara")
    erase(cast)
    assert len(told(cast.ankara)) == 1


def test_partner_that_never_had_the_person_is_not_told(cast: Cast) -> None:
    erase(cast)
    assert rows("SELECT count(*) FROM erasure_notices") == [(1,)]


def test_event_names_ids_alone_and_passes_every_filter(
    cast: Cast, register: Register, receiver: Receiver, deliver: Deliver
) -> None:
    endpoint = register(cast.eskisehir, "customer.*")
    path = f"/webhooks/endpoints/{endpoint['id']}"
    filters = [{"field": "status", "is": ["inactive"]}]
    changed = cast.eskisehir.patch(path, {"filters": filters}, cast.eskisehir.get(path).get_json()["version"])
    assert changed.status_code == 200, changed.text
    erase(cast)
    deliver()
    [heard] = [message for message in receiver.messages if message.event_type == "customer.erased"]
    [notice] = told(cast.eskisehir)
    ids = {"id": str(cast.cem_id), "customer_ids": [str(cast.cem_id)], "erasure_id": notice["id"]}
    assert heard.data == {**ids, "due_at": notice["due_at"]}


def test_partner_that_polls_reads_of_the_erasure_too(cast: Cast) -> None:
    erase(cast)
    types = [each["type"] for each in cast.eskisehir.events()]
    assert types == ["customer.erased"]


def test_own_ids_are_shown_until_the_partner_has_answered(cast: Cast, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Şule")
    dealer.sync()
    erase(cast, dealer.record("customers", external_id))
    [notice] = told(cast.eskisehir)
    assert notice["references"] == [external_id]
    answered = cast.eskisehir.post(f"/erasures/{notice['id']}/acknowledgement").get_json()
    assert (answered["references"], answered["acknowledged_at"] is not None) == ([], True)


def test_acknowledging_twice_changes_nothing(cast: Cast) -> None:
    erase(cast)
    path = f"/erasures/{told(cast.eskisehir)[0]['id']}/acknowledgement"
    first, second = (cast.eskisehir.post(path).get_json() for _ in range(2))
    assert first == second


def test_case_is_completed_by_the_last_acknowledgement(cast: Cast) -> None:
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara", "ground": "service"})
    case_id = erase(cast)
    states = []
    for api in (cast.eskisehir, cast.ankara):
        api.post(f"/erasures/{told(api)[0]['id']}/acknowledgement")
        jobs.go_on_with_erasures()
        states.append(cast.ayse.get(f"/rights-requests/{case_id}").get_json()["status"])
    assert states == ["in_progress", "completed"]


def test_partner_is_reminded_weekly_until_it_answers(cast: Cast) -> None:
    erase(cast)
    with transaction(SYSTEM) as tx:
        assert notices.remind(tx) == 0
        tx.raw.execute("UPDATE erasure_notices SET told_at = now() - interval '8 days'")
        tx.session.expire_all()
        assert (notices.remind(tx), notices.remind(tx)) == (1, 0)
    assert rows("SELECT count(*) FROM events WHERE type = 'customer.erased'") == [(2,)]


def test_late_partner_is_overdue_in_the_ledger(cast: Cast) -> None:
    case_id = erase(cast)
    with transaction(SYSTEM) as tx:
        tx.raw.execute("UPDATE erasure_notices SET due_at = now() - interval '1 day'")
    ledger = cast.ayse.get(f"/rights-requests/{case_id}/erasure").get_json()
    assert [each["is_overdue"] for each in ledger["notices"]] == [True]


def test_customer_nobody_received_is_completed_at_once(cast: Cast) -> None:
    own = cast.ayse.post("/customers", {"kind": "person", "given_name": "Gül"}).get_json()["id"]
    case_id = start(cast, UUID(own))
    work_off(case_id)
    assert cast.ayse.get(f"/rights-requests/{case_id}").get_json()["status"] == "completed"
