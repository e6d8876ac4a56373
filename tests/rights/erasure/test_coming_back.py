"""Nobody brings an erased person back: no sync, no file, no call; only they themselves, and somebody says why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from gateway.db import transaction
from gateway.longrunning.jobs import go_on
from gateway.rights.erasure import log, work
from gateway.rights.erasure.models import Erasure
from tests.conftest import Api, Cast
from tests.rights.erasure.conftest import erase
from tests.sync.conftest import SYSTEM, Dealer, rows
from tests.sync.test_moving import known, merge, undo

pytestmark = pytest.mark.usefixtures("erasure_log")
EMAIL, PHONE, TAX_ID = "cem@example.com", "+905321234567", "17291716060"


def person(**said: Any) -> dict[str, Any]:
    """Somebody, as anybody may write them."""
    return {"kind": "person", "given_name": "Cem", "family_name": "Işık", **said}


def by(kind: str, value: str) -> dict[str, Any]:
    return {"contact_points": [{"kind": kind, "value": value}]}


@pytest.mark.parametrize("said", [by("email", "CEM@example.com"), by("phone", "0532 123 45 67")])
def test_partner_learns_no_more_than_that_it_is_not_accepted(cast: Cast, said: dict[str, Any]) -> None:
    erase(cast)
    answer = cast.ankara.post("/customers", person(**said))
    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_accepted")
    assert "erase" not in answer.text


def test_employee_is_told_to_readmit_first(cast: Cast) -> None:
    erase(cast)
    answer = cast.ayse.post("/customers", person(tax_id="172 9171 6060"))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "erased")


def test_relative_with_the_same_phone_is_welcome(cast: Cast) -> None:
    erase(cast)
    answer = cast.ayse.post("/customers", {**person(**by("phone", PHONE)), "given_name": "Gül"})
    assert answer.status_code == 201


def test_namesake_is_welcome(cast: Cast) -> None:
    erase(cast)
    assert cast.ayse.post("/customers", person(**by("email", "baska@example.com"))).status_code == 201


@pytest.fixture
def gul(cast: Cast) -> str:
    """A living customer of Ankara's, with an e-mail of her own."""
    made = cast.ankara.post("/customers", {**person(**by("email", "gul@example.com")), "given_name": "Gül"})
    assert made.status_code == 201, made.text
    return str(made.get_json()["id"])


def changed(api: Api, customer_id: str, said: dict[str, Any]) -> tuple[int, str | None]:
    """What comes of a change: the status, and the code of a problem."""
    path = f"/customers/{customer_id}"
    answer = api.patch(path, said, api.get(path).get_json()["version"])
    return answer.status_code, answer.get_json().get("code")


@pytest.mark.parametrize("said", [by("email", EMAIL), {**by("phone", PHONE), "given_name": "Cem"}])
def test_no_change_gives_a_living_customer_what_an_erased_person_was_known_by(
    cast: Cast, gul: str, said: dict[str, Any]
) -> None:
    erase(cast)
    assert changed(cast.ankara, gul, said) == (422, "not_accepted")
    assert changed(cast.ayse, gul, said) == (409, "erased")
    assert cast.ayse.get(f"/customers/{gul}").get_json()["version"] == 1


def test_relative_who_had_the_same_email_before_is_changed_as_before(cast: Cast, gul: str) -> None:
    assert changed(cast.ankara, gul, by("email", EMAIL)) == (200, None)
    erase(cast)
    assert changed(cast.ankara, gul, {"family_name": "Işıklı"}) == (200, None)


def test_customers_own_word_is_taken(cast: Cast, gul: str) -> None:
    erase(cast, UUID(gul))
    assert changed(cast.cem, str(cast.cem_id), by("email", "gul@example.com")) == (200, None)


def test_sync_does_not_bring_the_person_back_and_keeps_nothing_of_them(cast: Cast, dealer: Dealer) -> None:
    erase(cast)
    dealer.add_customer("Cem", **by("email", EMAIL))
    gul = dealer.add_customer("Gül")
    streams = dealer.sync().streams["customers"]
    assert (streams["created"], streams["rejected"]) == (1, 1)
    assert dealer.record("customers", gul) is not None
    [(raw, external_id, reasons)] = rows("SELECT raw, external_id, reasons #>> '{0,code}' FROM sync_rejected")
    assert (external_id, reasons) == (None, "erased")
    assert "cem" not in raw.lower()


def test_record_that_a_partner_had_stays_out_whatever_it_says_now(cast: Cast, dealer: Dealer) -> None:
    external_id = dealer.add_customer("Şule", **by("email", "sule@example.com"))
    dealer.sync()
    found = dealer.record("customers", external_id)
    erase(cast, found)
    dealer.system.change("customers", external_id, {"contact_points": [], "given_name": "Ş."})
    dealer.add_interaction(external_id)
    streams = dealer.sync().streams
    assert (streams["customers"]["rejected"], streams["interactions"]["rejected"]) == (1, 1)
    assert rows("SELECT count(*) FROM customers") == [(0 + 1,)]  # Cem
    assert rows("SELECT count(*) FROM sync_rejected WHERE waits_for IS NOT NULL OR raw LIKE '%sule%'") == [(0,)]


def test_interaction_that_a_partner_has_under_anothers_name_stays_out(cast: Cast, dealer: Dealer) -> None:
    gul = dealer.add_customer("Gül")
    dealer.sync()
    said = {"customer_id": cast.cem_id, "channel": "store", "kind": "offer", "direction": "out", "visibility": "shared"}
    assert cast.ayse.post("/interactions", said).status_code == 201
    merge_id = merge(known(dealer, gul), cast.cem_id)
    dealer.sync()
    undo(merge_id)
    erase(cast)
    assert [each["customer_external_id"] for each in dealer.system.records("interactions")] == [gul]
    assert dealer.sync().streams["interactions"]["rejected"] == 1
    assert rows("SELECT 1 FROM interactions") == []


def test_living_relative_with_the_same_email_goes_on_being_synchronised(cast: Cast, dealer: Dealer) -> None:
    gul = dealer.add_customer("Gül", **by("email", EMAIL))
    dealer.sync()
    erase(cast)
    dealer.system.change("customers", gul, {"locale": "tr-TR"})
    assert dealer.sync().streams["customers"]["changed"] == 1


def test_import_refuses_the_row_without_its_cells_and_takes_the_rest(cast: Cast) -> None:
    erase(cast)
    content = f"Ad;Soyad;E-posta\nCem;Işık;{EMAIL}\nGül;Işık;gul@example.com\n".encode()
    brought = cast.eskisehir.post("/imports", data=content, headers={"Content-Type": "text/csv"}).get_json()
    begun = cast.eskisehir.post(f"/imports/{brought['id']}/start", {"match_on": "email"})
    go_on(begun.get_json()["id"])
    done = cast.eskisehir.get(f"/operations/{begun.get_json()['id']}").get_json()
    assert (done["result"]["created"], done["failed"]) == (1, 1)
    errors = cast.eskisehir.get(f"/imports/{brought['id']}/errors").text
    assert "not_accepted" in errors
    assert EMAIL not in errors


def test_person_comes_back_by_their_own_will(cast: Cast) -> None:
    case_id = erase(cast)
    wish = {"given_name": "Cem", "phones": ["0532 123 45 67"], "reason": "Şubeye gelip yeniden kaydolmak istedi"}
    assert cast.ayse.post("/readmissions", wish).get_json() == {"readmitted": 1}
    assert cast.ayse.post("/customers", person(tax_id=TAX_ID, **by("email", EMAIL))).status_code == 201
    steps = [step["step"] for step in cast.ayse.get(f"/rights-requests/{case_id}").get_json()["steps"]]
    assert steps[-1] == "readmitted"


def test_readmission_reaches_the_log(cast: Cast, erasure_log: Any) -> None:
    erase(cast)
    cast.ayse.post("/readmissions", {"tax_id": TAX_ID, "reason": "Geri geldi"})
    with transaction(SYSTEM) as tx:
        log.repair(tx)
    [line] = log.read(erasure_log)[0]
    assert line.readmitted_at is not None


def test_readmission_needs_something_to_recognise_the_person_by(cast: Cast) -> None:
    answer = cast.ayse.post("/readmissions", {"given_name": "Cem", "reason": "Geri geldi"})
    assert answer.status_code == 422


def test_tombstones_tell_nothing(cast: Cast) -> None:
    erase(cast)
    marks = b"".join(bytes(mark) for (mark,) in rows("SELECT mark FROM tombstones"))
    assert len(marks) >= 16 * 4
    assert b"cem" not in marks.lower()
    assert cast.ayse.post("/readmissions", {"emails": ["nobody@example.com"], "reason": "?"}).get_json() == {
        "readmitted": 0
    }


def test_writers_wait_while_an_erasure_begins(cast: Cast) -> None:
    with transaction(SYSTEM) as tx:
        erasure = Erasure(case_id=cast.cem_id, customer_ids=[cast.cem_id], counts={}, began_at=work.now())
        work._lock_out(tx, erasure)
        with transaction(SYSTEM) as other:
            asked = "SELECT pg_try_advisory_xact_lock_shared(%s)"
            free = other.raw.execute(asked, [work.tombstones._LOCK]).fetchone()
    assert free == (False,)
