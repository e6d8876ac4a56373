"""Places among the contacts a customer gets: counted over all partners, given once, and back where none confirms."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from gateway import process
from gateway.channels import Caller, Channel
from gateway.config import Settings
from gateway.consent import jobs
from gateway.consent.decisions import service
from gateway.customers import service as customers
from gateway.db import transaction
from gateway.partners import service as partners
from tests.conftest import Api, Cast, add_machine, fetch_token
from tests.consent.conftest import NOON, ask, codes, say

RACERS = 16


@pytest.fixture
def agreed(cast: Cast) -> Cast:
    """Cem, shared with both partners, has agreed to offers from everybody."""
    cast.ayse.post(f"/customers/{cast.cem_id}/shares", {"partner": "ankara"})
    say(cast.ayse, cast)
    return cast


def cap(cast: Cast, most: int, **more: Any) -> None:
    wish = {"caps": [{"purpose": "marketing", "most": most, "days": 7, **more}]}
    version = cast.ayse.get("/contact-rules").get_json()["version"]
    assert cast.ayse.patch("/contact-rules", wish, version=version).status_code == 200


def reserve(api: Api, cast: Cast, **more: Any) -> dict[str, Any]:
    return ask(api, cast, reserve=True, **more)


def expire(reservation: dict[str, Any]) -> None:
    with transaction(Caller.system("test")) as tx:
        tx.raw.execute(
            "UPDATE contact_reservations SET expires_at = now() - interval '1 second' WHERE id = %s",
            [reservation["id"]],
        )


def test_cap_counts_the_contacts_of_all_partners_and_names_none(agreed: Cast) -> None:
    cap(agreed, 2)
    assert reserve(agreed.ankara, agreed)["allowed"]
    assert reserve(agreed.ayse, agreed)["allowed"]
    refused = reserve(agreed.eskisehir, agreed)
    assert (codes(refused), refused["reservation"]) == (["cap_reached"], None)
    assert datetime.fromisoformat(refused["earliest_at"]) == NOON + timedelta(days=7)
    assert "ankara" not in str(refused)


def test_cap_of_one_channel_leaves_the_others_free(agreed: Cast) -> None:
    cap(agreed, 1, channel="email")
    reserve(agreed.ankara, agreed)
    assert codes(ask(agreed.eskisehir, agreed)) == ["cap_reached"]
    assert ask(agreed.eskisehir, agreed, channel="sms")["allowed"]


def test_asking_takes_no_place(agreed: Cast) -> None:
    cap(agreed, 1)
    assert [ask(agreed.eskisehir, agreed)["allowed"] for _ in range(3)] == [True, True, True]


def test_asked_again_it_is_the_same_place(agreed: Cast) -> None:
    cap(agreed, 1)
    first, again = (reserve(agreed.eskisehir, agreed)["reservation"] for _ in range(2))
    assert first == again


def test_asked_for_another_time_it_moves(agreed: Cast) -> None:
    cap(agreed, 1)
    first = reserve(agreed.eskisehir, agreed)["reservation"]
    later = reserve(agreed.eskisehir, agreed, at=(NOON + timedelta(hours=2)).isoformat())["reservation"]
    path = "/contact-decisions/{}"
    assert later["id"] != first["id"]
    assert agreed.eskisehir.get(path.format(first["id"])).get_json()["status"] == "released"
    assert codes(reserve(agreed.ankara, agreed)) == ["cap_reached"]


def test_confirmed_contact_counts_for_good_and_a_released_one_no_more(agreed: Cast) -> None:
    cap(agreed, 1)
    path = f"/contact-decisions/{reserve(agreed.eskisehir, agreed)['reservation']['id']}"
    assert agreed.eskisehir.post(f"{path}/release").get_json()["status"] == "released"
    assert agreed.eskisehir.post(f"{path}/release").status_code == 200
    path = f"/contact-decisions/{reserve(agreed.ankara, agreed)['reservation']['id']}"
    answers = [agreed.ankara.post(f"{path}/{each}") for each in ("confirm", "confirm", "release")]
    assert [each.status_code for each in answers] == [200, 200, 409]
    assert answers[2].get_json()["code"] == "contact_made"
    assert codes(ask(agreed.eskisehir, agreed)) == ["cap_reached"]


def test_unconfirmed_place_goes_back_by_itself(agreed: Cast) -> None:
    cap(agreed, 1)
    reservation = reserve(agreed.eskisehir, agreed)["reservation"]
    assert datetime.fromisoformat(reservation["expires_at"]) == NOON + timedelta(minutes=15)
    expire(reservation)
    assert reserve(agreed.ankara, agreed)["allowed"]
    path = f"/contact-decisions/{reservation['id']}"
    assert agreed.eskisehir.get(path).get_json()["status"] == "expired"
    assert agreed.eskisehir.post(f"{path}/confirm").get_json()["code"] == "reservation_over"


def test_legal_duty_needs_no_place(agreed: Cast) -> None:
    wish = {"caps": [{"most": 0, "days": 1}]}
    agreed.ayse.patch("/contact-rules", wish, version=0)
    assert codes(ask(agreed.ayse, agreed)) == ["cap_reached"]
    assert ask(agreed.ayse, agreed, purpose="legal")["allowed"]


def test_reserving_needs_to_be_allowed_to_write(agreed: Cast) -> None:
    with transaction(Caller.system("test")) as tx:
        pair = add_machine(tx, "reader", Channel.EXTRANET, agreed.eskisehir.partner_id)
        tx.raw.execute("UPDATE oauth_clients SET scopes = '{consents:read}' WHERE name = 'reader'")
    reader = Api(agreed.ayse.client, Channel.EXTRANET, fetch_token(agreed.ayse.client, *pair))
    assert ask(reader, agreed)["allowed"]
    asked = {"customer_id": str(agreed.cem_id), "channel": "email", "purpose": "marketing", "reserve": True}
    refused = reader.post("/contact-decisions", asked)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("days", [-2, 31])
def test_place_is_reserved_for_a_time_in_reach(agreed: Cast, days: int) -> None:
    asked = {"customer_id": str(agreed.cem_id), "channel": "email", "purpose": "marketing", "reserve": True}
    refused = agreed.ayse.post("/contact-decisions", asked | {"at": (NOON + timedelta(days=days)).isoformat()})
    assert (refused.status_code, refused.get_json()["errors"][0]["pointer"]) == (422, "/at")


def test_upkeep_forgets_what_no_cap_counts(agreed: Cast) -> None:
    kept, old = (reserve(api, agreed)["reservation"] for api in (agreed.eskisehir, agreed.ankara))
    with transaction(Caller.system("test")) as tx:
        change = "UPDATE contact_reservations SET contact_at = now() - interval '31 days' WHERE id = %s"
        tx.raw.execute(change, [old["id"]])
    jobs.forget_old_contacts()
    found = [agreed.ayse.get(f"/contact-decisions/{each['id']}").status_code for each in (kept, old)]
    assert found == [200, 404]


@pytest.fixture
def racers(agreed: Cast) -> list[Caller]:
    """Sixteen partners that see Cem."""
    callers = []
    with transaction(Caller.system("test")) as tx:
        for number in range(RACERS):
            partner = partners.add(tx, f"bayi-{number}", f"Bayi {number}")
            customers.share(tx, agreed.cem_id, partner.code, "agreement")
            callers.append(Caller(Channel.EXTRANET, partner.code, partner_id=partner.id, partner=partner.code))
    return callers


@pytest.fixture
def connections(settings: Settings) -> Iterator[None]:
    """A database with a connection for each of them at once."""
    process.open_all(settings, connections=RACERS, statement_seconds=30)
    yield
    process.open_all(settings)


@pytest.mark.parametrize("places", [1, 3])
def test_of_sixteen_partners_that_race_for_the_last_places_so_many_win(
    agreed: Cast, racers: list[Caller], connections: None, places: int
) -> None:
    cap(agreed, places)
    asked = {"customer_id": agreed.cem_id, "channel": "email", "purpose": "marketing", "at": NOON, "reserve": True}
    start = Barrier(RACERS)

    def race(caller: Caller) -> bool:
        with transaction(caller) as tx:
            start.wait(timeout=60)
            return service.decide(tx, asked).reservation is not None

    with ThreadPoolExecutor(RACERS) as threads:
        won = list(threads.map(race, racers))
    assert sum(won) == places
    assert codes(ask(agreed.ayse, agreed)) == ["cap_reached"]
